//! The page that shows the address of a new feed once.

use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use maud::html;
use secrecy::{ExposeSecret as _, SecretString};

use super::PATH;
use crate::dashboard::page::Tab;
use crate::dashboard::session::Session;
use crate::http::frame_file::FEEDS;
use crate::http::origin;
use crate::store::Feed;

/// The address of the feed, with the server's URL as this browser knows it.
pub(super) fn page_of(
    session: &Session,
    (secret, feed): &(SecretString, Feed),
    headers: &HeaderMap,
) -> impl IntoResponse + use<> {
    let own = origin::own(headers).map(String::from);
    let own = own.as_deref().unwrap_or("https://ADDRESS-OF-THIS-SERVER/");
    let address = format!(
        "{}{FEEDS}{}.ics",
        own.trim_end_matches('/'),
        secret.expose_secret()
    );
    let content = html! {
        h1 { "Feed " (feed.selection.name) }
        p.notice role="status" {
            "Copy the address now. It is shown only once; the server stores only its hash."
        }
        p { "Subscribe to this address in your calendar app:" }
        pre #address tabindex="0" { (address) }
        p { button type="button" data-copy="address" hidden { "Copy" } }
        p { a href=(PATH) { "All feeds" } }
    };
    let page = session.page("New feed", Tab::Frames, content);
    (StatusCode::CREATED, page)
}
