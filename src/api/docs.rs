//! `/docs`: the OpenAPI document as a page to read, written when it is first asked for. One file of HTML with its style in it:
//! no script, nothing from elsewhere, so that it works wherever the server does.

mod document;
mod fields;
mod json_schema;
mod operation;
mod page;
mod schema;
mod text;

use std::sync::OnceLock;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::openapi::openapi;
use super::state::Api;
use crate::http::HttpError;
use document::Document;

/// How the page looks.
const STYLE: &str = include_str!("docs/style.css");

/// The page, once somebody has asked for it.
#[derive(Default)]
pub(super) struct Docs(OnceLock<Bytes>);

impl Docs {
    /// The page of a server whose Watson routes lie under `watson`.
    fn html(&self, watson: &str) -> Result<Bytes, serde_json::Error> {
        if let Some(html) = self.0.get() {
            return Ok(html.clone());
        }
        let document: Document = serde_json::from_str(&openapi(watson))?;
        let html = page::page(&document, STYLE).into_string().into();
        Ok(self.0.get_or_init(|| html).clone())
    }
}

/// Lets the browser use the page's own style, known by its hash, and nothing else.
fn policy() -> HeaderValue {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // Base64 always makes a header; were it not so, the page would be plain, not open.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// The document as a page to read.
#[utoipa::path(get, path = "/docs", tag = "server", operation_id = "docs", responses(
    (status = 200, description = "An HTML page.", content_type = "text/html", body = String)
))]
pub(super) async fn docs(State(api): State<Api>) -> Result<impl IntoResponse, HttpError> {
    let html = api.docs.html(&api.watson_path).map_err(|error| {
        tracing::error!(%error, "the OpenAPI document cannot be read");
        HttpError::Internal
    })?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
        (CONTENT_SECURITY_POLICY, policy()),
    ];
    Ok((headers, html))
}
