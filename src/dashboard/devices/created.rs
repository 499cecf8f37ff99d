//! The page that shows a new token once.

use axum::http::HeaderMap;
use axum::response::Html;
use maud::html;
use secrecy::ExposeSecret as _;

use super::PATH;
use crate::dashboard::page::Tab;
use crate::dashboard::session::Session;
use crate::http::origin;
use crate::model::Scope;
use crate::store::NewToken;

/// The commands to run on the device, with the server's URL as this browser knows it.
pub(super) fn page(
    session: &Session,
    token: &NewToken,
    headers: &HeaderMap,
    watson_path: &str,
) -> Html<String> {
    let own = origin::own(headers).map(String::from);
    let own = own.as_deref().unwrap_or("https://ADDRESS-OF-THIS-SERVER/");
    let backend = format!("{}{watson_path}", own.trim_end_matches('/'));
    let secret = token.secret.expose_secret();
    let lines = format!(
        "watson config backend.url {backend}\nwatson config backend.token {secret}\nwatson sync"
    );
    let syncs = token.device.scopes.allows(Scope::Sync);
    let content = html! {
        h1 { "Token for " (token.device.name) }
        p.notice role="status" {
            "Copy the token now. It is shown only once; the server stores only its hash."
        }
        @if syncs {
            @if token.device.is_shared { p { "Run on each device:" } }
            @else { p { "Run on " (token.device.name) ":" } }
            pre #lines tabindex="0" { (lines) }
            p { button type="button" data-copy="lines" hidden { "Copy" } }
        } @else {
            p { "Programs send the token in the header " code { "Authorization: Bearer …" } "." }
            pre #token tabindex="0" { (secret) }
            p { button type="button" data-copy="token" hidden { "Copy" } }
        }
        p { a href=(PATH) { "All devices" } }
    };
    session.page("New token", Tab::Devices, content)
}
