//! What programs ask: THE table of routes. The layers around all of it are in `layers.rs` and [`crate::http`], those around
//! each row in `route.rs`.

mod accept;
mod access;
mod auth;
mod body;
mod caching;
mod calendar;
mod cors;
mod days;
mod docs;
mod error;
mod export;
mod extract;
mod feeds;
mod frame_json;
mod frame_stream;
mod frames;
mod health;
mod invitations;
mod layers;
mod members;
mod names;
mod object;
mod openapi;
mod projects;
mod reports;
mod route;
mod tag_list;
mod teams;
mod tokens;
mod users;
mod watson;
mod workloads;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use tokio_util::sync::CancellationToken;

use cors::Cors;
pub use error::ApiError;
pub use error::refuse_invalid;
pub use openapi::openapi;
use route::{Along, Route};
pub use watson::{PushBody, read_frames, write_frame};

use crate::config::{Config, Web};
use crate::http::RateLimits;
use crate::model::Scope;
use crate::oidc::Issuer;
use crate::store::Store;

/// What every handler can reach. Cheap to clone, which every request does several times.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

/// What the clones of an [`Api`] share.
pub struct Shared {
    store: Store,
    watson_path: String,
    body_limit: usize,
    bulk_body_limit: usize,
    request_timeout: Duration,
    cors: Arc<Cors>,
    rate_limits: Arc<RateLimits>,
    stopping: CancellationToken,
    /// Whose tokens are accepted beside our own.
    issuer: Option<Issuer>,
    web: Web,
    /// The OpenAPI document as a page.
    docs: docs::Docs,
}

impl Api {
    /// An API over a store; `stopping` is cancelled when the server begins to stop.
    #[must_use]
    pub fn new(
        store: Store,
        config: &Config,
        rate_limits: Arc<RateLimits>,
        stopping: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared {
            store,
            watson_path: config.watson_path.clone(),
            body_limit: config.body_limit,
            bulk_body_limit: config.bulk_body_limit,
            request_timeout: config.request_timeout,
            cors: Arc::new(Cors::new(&config.web.cors_allowed_origins)),
            rate_limits,
            stopping,
            issuer: config.oidc.clone().map(Issuer::new),
            web: config.web.clone(),
            docs: docs::Docs::default(),
        }))
    }
}

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// THE table: method and address, who may use it, what it does.
fn table(watson: &str) -> Vec<Route> {
    use route::Access::{Feed, Needs, Probe, Public};
    use route::{delete, get, patch, post, put};
    let (sync, read, write) = (Needs(Scope::Sync), Needs(Scope::Read), Needs(Scope::Write));
    vec![
        get(format!("{watson}/projects"), sync, watson::projects).along(Along::Projects),
        get(format!("{watson}/frames"), sync, watson::pull).along(Along::SyncState),
        post(format!("{watson}/frames/bulk"), sync, watson::push)
            .along(Along::SyncState)
            .bulk(),
        get("/users", read, users::search).with_parameters(),
        get("/users/me", read, users::me),
        delete("/users/me", write, users::remove_me),
        get("/users/me/export", read, export::export),
        get("/users/me/tokens", read, tokens::list),
        post("/users/me/tokens", write, tokens::create),
        delete("/users/me/tokens/{id}", write, tokens::revoke),
        post("/users/me/tokens/{id}/resend", write, tokens::resend),
        get("/users/me/feeds", read, feeds::list),
        post("/users/me/feeds", write, feeds::create),
        delete("/users/me/feeds/{id}", write, feeds::remove),
        get("/projects", read, projects::list).with_parameters(),
        get("/projects/{id}", read, projects::show),
        patch("/projects/{id}", write, projects::change),
        delete("/projects/{id}", write, projects::remove).with_parameters(),
        get("/projects/{id}/workloads", read, workloads::list).with_parameters(),
        get("/frames", read, frames::list::list).with_parameters(),
        get("/frames.csv", read, frames::files::csv).with_parameters(),
        get("/frames.jsonl", read, frames::files::jsonl).with_parameters(),
        get("/frames.ics", read, frames::files::ics).with_parameters(),
        post("/frames/import", write, frames::import::import)
            .bulk()
            .with_parameters(),
        get("/frames/{id}", read, frames::show),
        put("/frames/{id}", write, frames::put),
        delete("/frames/{id}", write, frames::remove),
        get("/reports/summary", read, reports::summary).with_parameters(),
        get("/teams", read, teams::list),
        post("/teams", write, teams::create),
        get("/teams/{id}", read, teams::show),
        put("/teams/{id}", write, teams::replace),
        delete("/teams/{id}", write, teams::remove),
        get("/teams/{id}/members/me", read, members::shared),
        put("/teams/{id}/members/me", write, members::share),
        delete("/teams/{id}/members/me", write, members::leave),
        delete("/teams/{id}/members/{user_id}", write, members::remove),
        get("/teams/{id}/invitations", read, invitations::of_team),
        post("/teams/{id}/invitations", write, invitations::invite),
        delete(
            "/teams/{id}/invitations/{invitation_id}",
            write,
            invitations::withdraw,
        ),
        get("/users/me/invitations", read, invitations::mine),
        post(
            "/users/me/invitations/{id}/accept",
            write,
            invitations::accept,
        ),
        delete("/users/me/invitations/{id}", write, invitations::decline),
        get("/calendar/{token}", Feed, calendar::show),
        get("/openapi.json", Public, openapi::document),
        get("/docs", Public, docs::docs),
        get("/livez", Probe, health::live),
        get("/readyz", Probe, health::ready),
    ]
}

/// The whole API as one service.
pub fn router(api: Api) -> Router {
    let router = route::router(&api, table(&api.watson_path))
        .method_not_allowed_fallback(async |method: Method| ApiError::MethodNotAllowed(method))
        .fallback(async |State(api): State<Api>| ApiError::NoRoute(api.watson_path.clone()));
    layers::around(router, Arc::clone(&api.cors), api.request_timeout).with_state(api)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::RESERVED_PATHS;

    #[test]
    fn watsons_path_can_collide_with_no_other_route() {
        let routes = table("/watson");
        let first = |route: &Route| route.path.split('/').nth(1).map(str::to_owned);
        let mut segments: BTreeSet<String> = routes.iter().filter_map(first).collect();
        assert!(segments.remove("watson"));
        // Those of the dashboard, and what the module's nginx keeps to itself.
        segments.extend(["dashboard", "metrics"].map(str::to_owned));
        assert_eq!(segments, RESERVED_PATHS.map(str::to_owned).into());
    }
}
