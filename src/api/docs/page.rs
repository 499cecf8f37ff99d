//! The page around the operations: what holds for all of them, and where to find each.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::document::{Document, Tag};
use super::fields::{rows, table};
use super::operation::{name, operation};
use super::text;
use crate::model::Scope;

/// The whole page.
pub(super) fn page(document: &Document, style: &str) -> Markup {
    let tags: Vec<&Tag> = document
        .tags
        .iter()
        .filter(|tag| document.operations(&tag.name).next().is_some())
        .collect();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (document.info.title) " " (document.info.version) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                style { (PreEscaped(style)) }
            }
            body {
                a.skip href="#main" { "Skip to the text" }
                header {
                    h1 { (document.info.title) " " span.version { (document.info.version) } }
                    (text::paragraphs(&document.info.description))
                    p { a href="/openapi.json" { "The same as an OpenAPI document" } }
                }
                (contents(document, &tags))
                main id="main" {
                    (credentials())
                    (failures(document))
                    @for tag in tags { (group(document, tag)) }
                }
            }
        }
    }
}

fn contents(document: &Document, tags: &[&Tag]) -> Markup {
    html! {
        nav aria-labelledby="contents" {
            h2 id="contents" { "Contents" }
            ul {
                li { a href="#credentials" { "Credentials" } }
                li { a href="#failures" { "Failures" } }
                @for tag in tags { li {
                    a href={ "#" (tag.name) } { (title(&tag.name)) }
                    ul { @for (method, path, operation) in document.operations(&tag.name) {
                        li { a href={ "#" (operation.operation_id) } { (name(method, path)) } }
                    } }
                } }
            }
        }
    }
}

fn group(document: &Document, tag: &Tag) -> Markup {
    html! {
        section aria-labelledby=(tag.name) {
            h2 id=(tag.name) { (title(&tag.name)) }
            (text::paragraphs(&tag.description))
            @for (method, path, it) in document.operations(&tag.name) {
                (operation(document, method, path, it))
            }
        }
    }
}

/// A tag's name as a heading.
fn title(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next();
    first
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

fn credentials() -> Markup {
    html! {
        section aria-labelledby="credentials" {
            h2 id="credentials" { "Credentials" }
            p {
                "Each device and program has a token of its own. Whoever runs the server makes one and is shown it, \
                 once:"
            }
            pre tabindex="0" { code { "crick-api-server token create LOGIN --device NAME --scopes read,write" } }
            p { "It goes with every request:" }
            pre tabindex="0" { code {
                "curl -H \"Authorization: Bearer $TOKEN\" https://ADDRESS-OF-THIS-SERVER/users/me"
            } }
            p {
                "Watson sends the same as " code { "Authorization: Token …" } ", after "
                code { "watson config backend.token" } ". A token with the scope " code { "write" }
                " makes others: " a href="#tokens_create" { code { "POST /users/me/tokens" } } "."
            }
            p {
                "If the operator has chosen an OpenID Connect issuer, its JSON web tokens are shown in the same way: "
                "signed by the issuer, in force, and made for the audience of this server. They have all scopes."
            }
            p { "What a token allows is its scopes:" }
            dl { @for scope in Scope::ALL {
                dt { code { (scope.name()) } }
                dd { (allows(scope)) }
            } }
        }
    }
}

fn allows(scope: Scope) -> &'static str {
    match scope {
        Scope::Sync => "what Watson itself does: fetch and send frames",
        Scope::Read => "look at what is yours",
        Scope::Write => "change it",
    }
}

fn failures(document: &Document) -> Markup {
    html! {
        section aria-labelledby="failures" {
            h2 id="failures" { "Failures" }
            p {
                "A request is done as a whole or not at all. If not, the status says in which way, and the body, "
                code { "application/problem+json" } " (RFC 9457), says why:"
            }
            @if let Some(problem) = document.components.schemas.get("Problem") {
                (table("Fields of every failure", &rows(document, problem, false)))
            }
            p {
                "401 asks for credentials, 403 says that they do not suffice. 429 and 503 say in "
                code { "Retry-After" } " after how many seconds it is worth trying again."
            }
        }
    }
}
