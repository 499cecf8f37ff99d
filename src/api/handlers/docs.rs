//! The OpenAPI document, and Swagger UI to read it and to try it out. Browsers load nothing from
//! elsewhere, so that it works wherever the server does.

use std::borrow::Cow;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
};
use axum::response::{Html, IntoResponse, Response};
use utoipa_swagger_ui::Config;

use crate::api::state::Api;
use crate::http::HttpError;

const PAGE: &str = include_str!("docs/page.html");
const SCRIPT: &str = include_str!("docs/start.js");

const CACHED: (HeaderName, HeaderValue) = (
    CACHE_CONTROL,
    HeaderValue::from_static("public, max-age=300"),
);
const POLICY: (HeaderName, HeaderValue) = (
    CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
);

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "server", responses(
    (status = 200, description = "An OpenAPI 3.1 document.", content_type = "application/json",
        body = Object)
))]
pub(in crate::api) async fn document(State(api): State<Api>) -> impl IntoResponse {
    let json = (CONTENT_TYPE, HeaderValue::from_static("application/json"));
    ([json, CACHED], api.openapi())
}

/// The document as a page to read.
#[utoipa::path(get, path = "/docs", tag = "server", operation_id = "docs", responses(
    (status = 200, description = "An HTML page.", content_type = "text/html", body = String)
))]
pub(in crate::api) async fn docs() -> impl IntoResponse {
    ([CACHED, POLICY], Html(PAGE))
}

/// The files of the page.
#[utoipa::path(get, path = "/docs/{file}", params(("file" = String, Path)))]
pub(in crate::api) async fn asset(Path(file): Path<String>) -> Result<Response, HttpError> {
    if file == "start.js" {
        let script = (CONTENT_TYPE, HeaderValue::from_static("text/javascript"));
        return Ok(([script, CACHED], SCRIPT).into_response());
    }
    let found = match file.as_str() {
        "swagger-ui.css" | "swagger-ui-bundle.js" => {
            utoipa_swagger_ui::serve(&file, Arc::new(Config::default())).ok()
        }
        _ => None,
    };
    let missing = || HttpError::NotFound("No such file".to_owned());
    let file = found.flatten().ok_or_else(missing)?;
    // Compressed at build time; every browser accepts it.
    let headers = [
        (CONTENT_TYPE, file.content_type.as_str()),
        (CONTENT_ENCODING, "gzip"),
    ];
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Ok((headers, [CACHED], bytes).into_response())
}
