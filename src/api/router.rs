//! The table of routes. The layers around all of them are in `middleware/layers.rs` and
//! [`crate::http`], those around each row in `route.rs`.

use axum::Router;
use axum::extract::State;
use axum::http::Method;
use utoipa_axum::routes;

use super::handlers::{
    calendar, docs, export, feeds, frames, health, invitations, members, projects, reports, teams,
    tokens, users, watson, workloads,
};
use super::middleware::access::Access;
use super::middleware::layers;
use super::middleware::preload::Preload;
use super::openapi::generate;
use super::route::{self, Route, route};
use super::state::Api;
use crate::http::HttpError;
use crate::model::Scope;

/// The path of Watson's routes in the handlers' attributes; the operator can choose another.
const WATSON_PATH: &str = "/watson";

/// The table: each handler has its path and method in its `#[utoipa::path]`, and here the access.
fn table(watson: &str) -> Vec<Route> {
    use Access::{Feed, Needs, Probe, Public};
    let (sync, read, write) = (Needs(Scope::Sync), Needs(Scope::Read), Needs(Scope::Write));
    let mut table = vec![
        route(routes!(watson::projects), sync).preload(Preload::Projects),
        route(routes!(watson::pull), sync).preload(Preload::SyncState),
        route(routes!(watson::push), sync)
            .preload(Preload::SyncState)
            .bulk(),
        route(routes!(users::search), read),
        route(routes!(users::me), read),
        route(routes!(users::delete_me), write),
        route(routes!(export::export), read),
        route(routes!(tokens::list), read),
        route(routes!(tokens::create), write),
        route(routes!(tokens::revoke), write),
        route(routes!(tokens::resend), write),
        route(routes!(projects::list), read),
        route(routes!(projects::get), read),
        route(routes!(projects::update), write),
        route(routes!(projects::delete), write),
        route(routes!(workloads::list), read),
        route(routes!(frames::list::list), read),
        route(routes!(frames::files::csv), read),
        route(routes!(frames::files::jsonl), read),
        route(routes!(frames::files::ics), read),
        route(routes!(frames::import::import), write).bulk(),
        route(routes!(frames::get), read),
        route(routes!(frames::put), write),
        route(routes!(frames::delete), write),
        route(routes!(reports::summary), read),
        route(routes!(teams::list), read),
        route(routes!(teams::create), write),
        route(routes!(teams::get), read),
        route(routes!(teams::update), write),
        route(routes!(teams::delete), write),
        route(routes!(members::list_shared), read),
        route(routes!(members::share), write),
        route(routes!(members::leave), write),
        route(routes!(members::remove), write),
        route(routes!(invitations::list_for_team), read),
        route(routes!(invitations::invite), write),
        route(routes!(invitations::withdraw), write),
        route(routes!(invitations::list_mine), read),
        route(routes!(invitations::accept), write),
        route(routes!(invitations::decline), write),
        route(routes!(feeds::list), read),
        route(routes!(feeds::create), write),
        route(routes!(feeds::delete), write),
        route(routes!(calendar::get), Feed),
        route(routes!(docs::document), Public),
        route(routes!(docs::docs), Public),
        route(routes!(docs::asset), Public).undocumented(),
        route(routes!(health::live), Probe),
        route(routes!(health::ready), Probe),
    ];
    for route in &mut table {
        if let Some(rest) = route.path.strip_prefix(WATSON_PATH) {
            route.path = format!("{watson}{rest}");
        }
    }
    table
}

/// The whole API as one service.
pub fn router(api: Api) -> Router {
    api.set_openapi(openapi(&api.watson_path));
    let router = route::router(&api, table(&api.watson_path))
        .method_not_allowed_fallback(async |method: Method| HttpError::MethodNotAllowed(method))
        .fallback(async |State(api): State<Api>| HttpError::NoRoute(api.watson_path.clone()));
    layers::around(router, api.cors.clone(), api.request_timeout).with_state(api)
}

/// The OpenAPI document of a server whose Watson routes are below `watson`, as JSON.
#[must_use]
pub fn openapi(watson: &str) -> String {
    generate(table(watson))
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

    #[test]
    fn a_document_with_watson_elsewhere_differs_by_its_path_only() {
        let elsewhere = openapi(WATSON_PATH).replace("\"/watson/", "\"/sync/v1/");
        assert!(openapi("/sync/v1") == elsewhere);
    }
}
