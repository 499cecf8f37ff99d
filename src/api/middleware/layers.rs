//! The layers around the table of routes, inside of those of `http::around`.

use std::time::Duration;

use axum::{Router, middleware};

use super::cors;
use super::cors::Cors;
use crate::http;

/// Adds the guards, and CORS outside of them, because a page can read an error only with it.
pub(in crate::api) fn around<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    cors: Cors,
    time: Duration,
) -> Router<S> {
    http::guarded(router, time).layer(middleware::from_fn_with_state(cors, cors::layer))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::Method;
    use axum::routing::any;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_500_in_json_that_a_page_may_read_and_the_next_request_is_answered() {
        async fn handler(method: Method) {
            assert!(method == Method::GET, "not this one");
        }
        let cors = Cors::new(&["https://app.example.org".to_owned()]);
        let routes: Router = Router::new().route("/", any(handler));
        let router = http::around(around(routes, cors, Duration::from_secs(60)));
        let answer = async |method| {
            let request = Request::builder()
                .method(method)
                .uri("/")
                .header("Host", "api.example.org")
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
