//! Writes the OpenAPI document: of the handlers' own attributes, and of the table for who may call what.
//!
//! `cargo test --lib openapi` says where it is when the file in which it is kept is not the same.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, RefOr, Response, ResponseBuilder};

use super::examples::Examples;
use super::{WATSON_PATH, openapi};
use crate::api::docs;
use crate::api::handlers::{
    calendar, export, feeds, frames, health, invitations, members, projects, reports, teams,
    tokens, users, watson, workloads,
};
use crate::api::route::{Access, Route};
use crate::api::router::table;
use crate::http::Problem;

const TOO_MANY: &str = "Too many requests; `Retry-After` says when to come back.";
/// The name of the one way to show credentials.
const BEARER: &str = "bearer";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "crick-api",
        description = "The server behind the Watson time tracker. Every address answers with and without a trailing \
                       slash; every failure is `application/problem+json`."
    ),
    tags(
        (name = "watson", description = "What Watson itself speaks, every version from 1.5 to 2.1."),
        (name = "frames", description = "Spans of time spent on a project."),
        (name = "projects", description = "What time is spent on."),
        (name = "reports", description = "Where the time went."),
        (name = "teams", description = "Projects that people share, each by their own consent."),
        (name = "users", description = "Oneself, and finding others."),
        (name = "tokens", description = "One token per device, each with what it may do."),
        (name = "feeds", description = "Frames in calendar programs, by addresses that are secrets."),
        (name = "server", description = "The server itself."),
    ),
    paths(
        watson::projects,
        watson::pull,
        watson::push,
        users::search,
        users::me,
        users::remove_me,
        export::export,
        tokens::list,
        tokens::create,
        tokens::revoke,
        tokens::resend,
        projects::list,
        projects::show,
        projects::change,
        projects::remove,
        workloads::list,
        frames::list::list,
        frames::files::csv,
        frames::files::jsonl,
        frames::files::ics,
        frames::import::import,
        frames::show,
        frames::put,
        frames::remove,
        reports::summary,
        teams::list,
        teams::create,
        teams::show,
        teams::replace,
        teams::remove,
        members::shared,
        members::share,
        members::leave,
        members::remove,
        invitations::of_team,
        invitations::invite,
        invitations::withdraw,
        invitations::mine,
        invitations::accept,
        invitations::decline,
        feeds::list,
        feeds::create,
        feeds::remove,
        calendar::show,
        super::document,
        docs::docs,
        health::live,
        health::ready,
    ),
    components(schemas(Problem))
)]
struct Document;

fn build(watson: &str, examples: &Examples) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let mut components = document.components.take().unwrap_or_default();
    components.add_security_scheme(
        BEARER,
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some(
                    "A token of this server (Watson sends it as `Authorization: Token …`, which is the same), or a JWT \
                     of the issuer that the operator has chosen.",
                ))
                .build(),
        ),
    );
    document.components = Some(components);
    for route in table(WATSON_PATH) {
        if let Some(operation) = operation(&mut document, &route) {
            describe(operation, &route);
            examples.add_to(operation);
        }
    }
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, item)| match path.strip_prefix(WATSON_PATH) {
            Some(rest) => (format!("{watson}{rest}"), item),
            None => (path, item),
        })
        .collect();
    document
}

fn operation<'a>(
    document: &'a mut utoipa::openapi::OpenApi,
    route: &Route,
) -> Option<&'a mut Operation> {
    let item = document.paths.paths.get_mut(&route.path)?;
    let operation = match route.method {
        Method::GET => &mut item.get,
        Method::POST => &mut item.post,
        Method::PUT => &mut item.put,
        Method::PATCH => &mut item.patch,
        Method::DELETE => &mut item.delete,
        _ => return None,
    };
    operation.as_mut()
}

/// Says what is the same for every route of a kind: credentials, and the failures that need no words of their own.
fn describe(operation: &mut Operation, route: &Route) {
    let mut refusals = vec![("default", "Any other failure.")];
    if let Access::Needs(scope) = route.access {
        operation.security = Some(vec![SecurityRequirement::new(BEARER, [scope.name()])]);
        refusals.extend([
            ("401", "No valid credentials."),
            ("403", "The credentials do not allow it."),
            ("429", TOO_MANY),
        ]);
    } else {
        operation.security = Some(Vec::new());
    }
    // Unique names for programs that make a client of the document.
    let tag = operation.tags.iter().flatten().next();
    if let (Some(tag), Some(name)) = (tag, &operation.operation_id)
        && !name.starts_with(tag.as_str())
    {
        operation.operation_id = Some(format!("{tag}_{name}"));
    }
    for (status, description) in refusals {
        let responses = &mut operation.responses.responses;
        if !responses.contains_key(status) {
            responses.insert(status.to_owned(), problem(description));
        }
    }
    // A refusal of the handler's own, described in its attribute, has the same body as all others.
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if response.description.is_empty() {
            let status = status
                .parse()
                .ok()
                .and_then(|code| StatusCode::from_u16(code).ok());
            let reason = status.and_then(|status| status.canonical_reason());
            response.description = reason.unwrap_or("Done").to_owned();
        }
        if (status == "default" || status.starts_with(['4', '5'])) && response.content.is_empty() {
            let RefOr::T(same) = problem(&response.description) else {
                continue;
            };
            *response = same;
        }
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let schema = utoipa::openapi::Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
        .into()
}

/// The document as it has to be.
fn written(watson: &str) -> String {
    let examples = Examples::read().expect("the examples");
    let document = build(watson, &examples);
    document.to_pretty_json().expect("a document")
}

#[test]
fn the_document_is_what_the_handlers_say() {
    let written = written(WATSON_PATH);
    let anew = concat!(env!("CARGO_MANIFEST_DIR"), "/target/openapi.json");
    let is_same = openapi(WATSON_PATH) == written;
    if !is_same {
        std::fs::write(anew, written + "\n").expect("the document is written");
    }
    assert!(
        is_same,
        "docs/openapi.json is not what the handlers say; this is: {anew}"
    );
}

#[test]
fn a_document_with_watson_elsewhere_differs_by_its_path_only() {
    assert!(openapi("/sync/v1") == written("/sync/v1"));
}

#[test]
fn the_document_has_the_operations_of_the_table_and_no_others() {
    let in_table: BTreeSet<(String, String)> = table(WATSON_PATH)
        .iter()
        .map(|route| (route.method.to_string(), route.path.clone()))
        .collect();
    let document: serde_json::Value = serde_json::from_str(&written(WATSON_PATH)).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let in_document: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().expect("a path item").keys();
            methods.map(|method| (method.to_uppercase(), path.clone()))
        })
        .collect();
    assert_eq!(in_document, in_table);
}
