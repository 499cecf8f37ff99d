//! All of HTTP above the connection: THE table of routes, and the layers around it.

mod access;
mod auth;
mod body;
mod days;
mod error;
mod extract;
mod frame_json;
mod frames;
mod health;
mod log;
mod openapi;
mod projects;
mod registration;
mod reports;
mod route;
mod tokens;
mod users;
mod watson;
mod workloads;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

pub use error::ApiError;
pub use openapi::openapi;
use route::Route;

use crate::config::{Config, Web};
use crate::model::Scope;
use crate::oidc::Issuer;
use crate::store::Store;

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    store: Store,
    watson_path: String,
    body_limit: usize,
    bulk_body_limit: usize,
    request_timeout: Duration,
    stopping: CancellationToken,
    /// Whose tokens are accepted beside our own.
    issuer: Option<Issuer>,
    web: Web,
    /// The OpenAPI document, written once.
    openapi: Bytes,
}

impl Api {
    /// An API over a store; `stopping` is cancelled when the server begins to stop.
    ///
    /// # Errors
    /// When the OpenAPI document cannot be written.
    pub fn new(
        store: Store,
        config: &Config,
        stopping: CancellationToken,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            store,
            watson_path: config.watson_path.clone(),
            body_limit: config.body_limit,
            bulk_body_limit: config.bulk_body_limit,
            request_timeout: config.request_timeout,
            stopping,
            issuer: config.oidc.clone().map(Issuer::new),
            web: config.web.clone(),
            openapi: openapi(&config.watson_path)?.into(),
        })
    }
}

/// THE table: method and address, who may use it, what it does.
fn table(watson: &str) -> Vec<Route> {
    use route::Access::{Needs, Probe, Public};
    use route::{delete, get, patch, post, put};
    let (sync, read, write) = (Needs(Scope::Sync), Needs(Scope::Read), Needs(Scope::Write));
    vec![
        get(format!("{watson}/projects"), sync, watson::projects),
        get(format!("{watson}/frames"), sync, watson::pull),
        post(format!("{watson}/frames/bulk"), sync, watson::push).bulk(),
        get("/users", read, users::search),
        get("/users/me", read, users::me),
        delete("/users/me", write, users::remove_me),
        get("/users/me/tokens", read, tokens::list),
        post("/users/me/tokens", write, tokens::create),
        delete("/users/me/tokens/{id}", write, tokens::revoke),
        get("/projects", read, projects::list),
        get("/projects/{id}", read, projects::show),
        patch("/projects/{id}", write, projects::change),
        delete("/projects/{id}", write, projects::remove),
        get("/projects/{id}/workloads", read, workloads::list),
        get("/frames", read, frames::list),
        get("/frames/{id}", read, frames::show),
        put("/frames/{id}", write, frames::put),
        delete("/frames/{id}", write, frames::remove),
        get("/reports/summary", read, reports::summary),
        get("/openapi.json", Public, openapi::document),
        get("/livez", Probe, health::live),
        get("/readyz", Probe, health::ready),
    ]
}

/// The whole API as one service.
pub fn router(api: Api) -> Router {
    let router = route::router(&api, table(&api.watson_path))
        .method_not_allowed_fallback(async |method: Method| ApiError::MethodNotAllowed(method))
        .fallback(async |State(api): State<Api>| ApiError::NoRoute(api.watson_path))
        .layer(middleware::from_fn_with_state(
            api.request_timeout,
            time_limit,
        ));
    guard(router).with_state(api)
}

/// What stands around everything: the log, and within it the guard against panics.
fn guard<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router
        .layer(CatchPanicLayer::custom(after_panic))
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
    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_500_in_json_and_the_next_request_is_answered() {
        async fn handler(method: Method) {
            assert!(method == Method::GET, "not this one");
        }
        let router: Router = guard(Router::new().route("/", axum::routing::any(handler)));
        let statuses = ["POST", "GET"].map(|method| {
            let request = Request::builder()
                .method(method)
                .uri("/")
                .body(axum::body::Body::empty());
            let answer = tower::ServiceExt::oneshot(router.clone(), request.expect("a request"));
            async move {
                let response = answer.await.expect("an answer");
                let kind = response.headers().get("content-type").cloned();
                (response.status().as_u16(), kind)
            }
        });
        let [panicked, fine] = statuses;
        let json = Some("application/problem+json".parse().expect("a header"));
        assert_eq!(panicked.await, (500, json));
        assert_eq!(fine.await.0, 200);
    }
}
