//! What stands around the whole table of routes.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::cors::Cors;
use super::{ApiError, compression, cors, log, security};

/// Puts the layers around the routes. From the outside in:
///
/// - the log, which sees what really goes out and gives everything an identifier;
/// - the headers for browsers and CORS around everything that may answer, because a page can read a refusal only with them;
/// - compression above the rows' tags (`caching.rs`), so that content has one tag whatever the coding;
/// - the guard against panics around the time limit, because a panic's answer is to pass through all of the above;
/// - the time limit, which counts what a row does: access, reading the body, the database.
pub(super) fn around<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    cors: Arc<Cors>,
    time: Duration,
) -> Router<S> {
    router
        .layer(middleware::from_fn_with_state(time, time_limit))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(compression::layer())
        .layer(middleware::from_fn(compression::negotiation))
        .layer(middleware::from_fn_with_state(cors, cors::layer))
        .layer(middleware::map_response(security::headers))
        .layer(middleware::from_fn(log::layer))
}

/// Answers 408 when a request is not answered in time. What it had begun in the database is rolled back, unless it was
/// being committed at that moment; a repeat changes nothing.
async fn time_limit(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Timeout(limit.as_secs()).into_response(),
    }
}

/// A panic ends one request, not the process; the panic hook has logged it.
fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::Internal.into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Method;
    use axum::routing::any;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_500_in_json_that_a_page_may_read_and_the_next_request_is_answered() {
        async fn handler(method: Method) {
            assert!(method == Method::GET, "not this one");
        }
        let cors = Arc::new(Cors::new(&["https://app.example.org".to_owned()]));
        let routes: Router = Router::new().route("/", any(handler));
        let router = around(routes, cors, Duration::from_secs(60));
        let answer = async |method| {
            let request = Request::builder()
                .method(method)
                .uri("/")
                .header("Origin", "https://app.example.org")
                .body(Body::empty());
            let request = request.expect("a request");
            router.clone().oneshot(request).await.expect("an answer")
        };

        let panicked = answer("POST").await;
        assert_eq!(panicked.status(), 500);
        for (name, value) in [
            ("content-type", "application/problem+json"),
            ("access-control-allow-origin", "https://app.example.org"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(panicked.headers()[name], value);
        }
        assert!(panicked.headers().contains_key("x-request-id"));
        assert_eq!(answer("GET").await.status(), 200);
    }
}
