//! The style and the script of all pages. Their URLs contain a hash of their content, so that a
//! browser can cache them forever. The hash is a parameter of one route, so that log and metrics
//! have one route for all versions.

use std::sync::LazyLock;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use crate::http::HttpError;

/// The route of both.
pub(super) const ROUTE: &str = "/dashboard/assets/{name}";

/// A year; the URL changes with the content (RFC 8246).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A file that pages load.
struct Asset {
    path: String,
    media_type: &'static str,
    content: &'static str,
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = concat!(
        include_str!("style.css"),
        include_str!("charts.css"),
        include_str!("pages.css"),
    );
    Asset::new("style", "css", "text/css; charset=utf-8", content)
});
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("script.js");
    Asset::new("script", "js", "text/javascript; charset=utf-8", content)
});

impl Asset {
    fn new(name: &str, suffix: &str, media_type: &'static str, content: &'static str) -> Self {
        let hash = Sha256::digest(content);
        let digits: String = hash.iter().take(6).map(|b| format!("{b:02x}")).collect();
        Self {
            path: ROUTE.replace("{name}", &format!("{name}-{digits}.{suffix}")),
            media_type,
            content,
        }
    }
}

/// The URL of the style.
pub(super) fn style_path() -> &'static str {
    &STYLE.path
}

/// The URL of the script.
pub(super) fn script_path() -> &'static str {
    &SCRIPT.path
}

/// The style or the script.
pub(super) async fn get(uri: Uri) -> Result<Response, HttpError> {
    let asset = [&STYLE, &SCRIPT]
        .into_iter()
        .find(|asset| asset.path == uri.path());
    let asset = asset.ok_or_else(|| HttpError::NotFound("This file does not exist.".to_owned()))?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.media_type)),
        (CACHE_CONTROL, FOR_EVER),
    ];
    Ok((headers, asset.content).into_response())
}
