//! The style and the script of all pages. Their addresses hold a hash of what they are, so that a browser may keep them
//! for ever and still gets a new one the moment there is one.

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use sha2::{Digest as _, Sha256};

const STYLE: &str = concat!(include_str!("style.css"), include_str!("chart.css"));
const SCRIPT: &str = include_str!("script.js");
/// A year; the address changes when the content does (RFC 8246).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Where the style is.
pub(super) fn style_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| path(STYLE, "style", "css"));
    &PATH
}

/// Where the script is.
pub(super) fn script_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| path(SCRIPT, "script", "js"));
    &PATH
}

fn path(content: &str, name: &str, kind: &str) -> String {
    let hash = Sha256::digest(content);
    let digits: String = hash.iter().take(6).map(|b| format!("{b:02x}")).collect();
    format!("/dashboard/{name}-{digits}.{kind}")
}

/// The style.
pub(super) async fn style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", STYLE)
}

/// The script.
pub(super) async fn script() -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", SCRIPT)
}

fn asset(kind: &'static str, content: &'static str) -> impl IntoResponse {
    let kind = HeaderValue::from_static(kind);
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, FOR_EVER)], content)
}
