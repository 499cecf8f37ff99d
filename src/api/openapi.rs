//! The OpenAPI 3.1 document, generated from the table of routes and the handlers' attributes.
//! `docs/openapi.json` is the same document; a test compares them.

mod examples;

use axum::http::StatusCode;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

use super::middleware::access::Access;
use super::route::Route;
use crate::http::Problem;
use examples::Examples;

const TOO_MANY: &str = "Too many requests; `Retry-After` says when to try again.";
/// The name of the security scheme.
const BEARER: &str = "bearer";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "crick-api",
        description = include_str!("openapi/introduction.md")
    ),
    tags(
        (name = "watson", description = "The sync protocol of Watson 1.5 to 2.1."),
        (name = "frames", description = "Spans of time spent on a project."),
        (name = "projects", description = "What time is spent on."),
        (name = "reports", description = "Time by day, project, tag and person."),
        (name = "teams", description = "Projects that people share, each by their own consent."),
        (name = "users", description = "The own account, and finding other users."),
        (name = "tokens", description = "One token per device, each with its scopes."),
        (name = "feeds", description = "Frames in calendar programs, at secret addresses."),
        (name = "server", description = "The server itself."),
    ),
    components(schemas(Problem))
)]
struct Document;

/// The document of a table, as JSON.
pub(super) fn generate(table: Vec<Route>) -> String {
    let examples = Examples::read();
    let mut document = Document::openapi();
    let components = document.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A token of this server (Watson sends the same as `Authorization: Token …`), or a \
             JSON Web Token of the issuer that the operator has configured.",
        ))
        .build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    for mut route in table.into_iter().filter(|route| route.is_documented) {
        let access = route.access;
        if let Some((_, operation)) = route.operation() {
            describe(operation, access);
            examples.add_to(operation);
        }
        components.schemas.extend(route.schemas);
        match document.paths.paths.get_mut(&route.path) {
            Some(item) => item.merge_operations(route.item),
            None => drop(document.paths.paths.insert(route.path, route.item)),
        }
    }
    document.to_pretty_json().expect("the document is JSON")
}

/// Adds what is the same for every operation: the security requirement, a unique name, and the
/// errors that need no words of their own.
fn describe(operation: &mut Operation, access: Access) {
    let mut errors = vec![("default", "Any other error.")];
    operation.security = Some(Vec::new());
    if let Access::Needs(scope) = access {
        operation.security = Some(vec![SecurityRequirement::new(BEARER, [scope.name()])]);
        errors.extend([
            ("401", "Missing or invalid credentials."),
            ("403", "The credentials do not allow this."),
            ("429", TOO_MANY),
        ]);
    }
    let tag = operation.tags.iter().flatten().next();
    if let (Some(tag), Some(name)) = (tag, &operation.operation_id)
        && !name.starts_with(tag.as_str())
    {
        operation.operation_id = Some(format!("{tag}_{name}"));
    }
    let responses = &mut operation.responses.responses;
    for (status, description) in errors {
        if !responses.contains_key(status) {
            responses.insert(status.to_owned(), problem(description).into());
        }
    }
    for (status, response) in responses {
        let RefOr::T(response) = response else {
            continue;
        };
        if response.description.is_empty() {
            let status = status.parse().ok();
            let status = status.and_then(|code| StatusCode::from_u16(code).ok());
            let reason = status.and_then(|status| status.canonical_reason());
            response.description = reason.unwrap_or_default().to_owned();
        }
        if status.starts_with(['4', '5']) && response.content.is_empty() {
            *response = problem(&response.description);
        }
    }
}

/// An error's response.
fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
}
