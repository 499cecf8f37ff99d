//! All of HTTP above the connection: THE table of routes, and the layers around it.

mod auth;
mod body;
mod error;
mod health;
mod log;
mod watson;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

pub use error::ApiError;

use crate::config::Config;
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
}

impl Api {
    /// An API over a store; `stopping` is cancelled when the server begins to stop.
    #[must_use]
    pub fn new(store: Store, config: &Config, stopping: CancellationToken) -> Self {
        Self {
            store,
            watson_path: config.watson_path.clone(),
            body_limit: config.body_limit,
            bulk_body_limit: config.bulk_body_limit,
            request_timeout: config.request_timeout,
            stopping,
        }
    }
}

/// How large a route's request body may be: `body_limit`, or `bulk_body_limit`, which its handler sees to.
#[derive(PartialEq)]
enum Body {
    Small,
    Bulk,
}

/// The table: address, handlers, and whether a large body is expected. Each address is served with and without a trailing slash, because Watson sends one and
/// a redirect would cost a round trip and leave a proxy's path prefix.
fn routes(api: &Api) -> Vec<(String, MethodRouter<Api>, Body)> {
    let watson = &api.watson_path;
    vec![
        (
            format!("{watson}/projects"),
            get(watson::projects),
            Body::Small,
        ),
        (format!("{watson}/frames"), get(watson::pull), Body::Small),
        (
            format!("{watson}/frames/bulk"),
            post(watson::push),
            Body::Bulk,
        ),
        ("/livez".to_owned(), get(health::live), Body::Small),
        ("/readyz".to_owned(), get(health::ready), Body::Small),
    ]
}

/// The whole API as one service.
pub fn router(api: Api) -> Router {
    let mut router = Router::new();
    for (path, mut handlers, body) in routes(&api) {
        if body == Body::Small {
            handlers = handlers.layer(middleware::from_fn_with_state(api.body_limit, body::small));
        }
        router = router
            .route(&format!("{path}/"), handlers.clone())
            .route(&path, handlers);
    }
    // From the outside in: log, panic guard, time limit.
    router
        .method_not_allowed_fallback(async |method: Method| ApiError::MethodNotAllowed(method))
        .fallback(async |State(api): State<Api>| ApiError::NoRoute(api.watson_path))
        .layer(middleware::from_fn_with_state(api.clone(), time_limit))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn(log::layer))
        .with_state(api)
}

/// Answers 408 when a request is not answered in time; what it had begun in the database is rolled back.
async fn time_limit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let limit = api.request_timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::Timeout(limit.as_secs()).into_response(),
    }
}

/// A panic ends one request, not the process; the panic hook has logged it.
fn after_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    ApiError::Internal.into_response()
}
