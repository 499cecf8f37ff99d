//! All of HTTP above the connection: THE table of routes. The layers around all of it are in `layers.rs`, those around
//! each row in `route.rs`.

mod access;
mod address;
mod auth;
mod body;
mod caching;
mod compression;
mod cors;
mod error;
mod extract;
mod health;
mod layers;
mod log;
mod projects;
mod rate_limit;
mod route;
mod security;
mod tokens;
mod users;
mod watson;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use tokio_util::sync::CancellationToken;

use cors::Cors;
pub use error::ApiError;
use rate_limit::RateLimits;
use route::Route;

use crate::config::Config;
use crate::model::Scope;
use crate::store::Store;

/// What every handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    store: Store,
    watson_path: String,
    body_limit: usize,
    bulk_body_limit: usize,
    request_timeout: Duration,
    cors: Arc<Cors>,
    rate_limits: Arc<RateLimits>,
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
            cors: Arc::new(Cors::new(&config.web.cors_allowed_origins)),
            rate_limits: Arc::new(RateLimits::new(&config.web)),
            stopping,
        }
    }
}

/// THE table: method and address, who may use it, what it does.
fn table(watson: &str) -> Vec<Route> {
    use route::Access::{Needs, Probe};
    use route::{delete, get, post};
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
        get("/livez", Probe, health::live),
        get("/readyz", Probe, health::ready),
    ]
}

/// The whole API as one service.
pub fn router(api: Api) -> Router {
    let router = route::router(&api, table(&api.watson_path))
        .method_not_allowed_fallback(async |method: Method| ApiError::MethodNotAllowed(method))
        .fallback(async |State(api): State<Api>| ApiError::NoRoute(api.watson_path));
    layers::around(router, Arc::clone(&api.cors), api.request_timeout).with_state(api)
}
