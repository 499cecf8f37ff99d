//! THE table of routes. The layers around all of it are in `middleware/layers.rs` and [`crate::http`], those around each row
//! in `route.rs`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::Method;

use super::handlers::{
    calendar, export, feeds, frames, health, invitations, members, projects, reports, teams,
    tokens, users, watson, workloads,
};
use super::middleware::layers;
use super::middleware::preload::Preload;
use super::route::{self, Route};
use super::state::Api;
use super::{docs, openapi};
use crate::http::HttpError;
use crate::model::Scope;

/// THE table: method and address, who may use it, what it does.
pub(super) fn table(watson: &str) -> Vec<Route> {
    use route::Access::{Feed, Needs, Probe, Public};
    use route::{delete, get, patch, post, put};
    let (sync, read, write) = (Needs(Scope::Sync), Needs(Scope::Read), Needs(Scope::Write));
    vec![
        get(format!("{watson}/projects"), sync, watson::projects).preload(Preload::Projects),
        get(format!("{watson}/frames"), sync, watson::pull).preload(Preload::SyncState),
        post(format!("{watson}/frames/bulk"), sync, watson::push)
            .preload(Preload::SyncState)
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
        .method_not_allowed_fallback(async |method: Method| HttpError::MethodNotAllowed(method))
        .fallback(async |State(api): State<Api>| HttpError::NoRoute(api.watson_path.clone()));
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
