//! `/docs`: the OpenAPI document as a page to read, written once at the start. One file of HTML with its style in it:
//! no script, nothing from elsewhere, so that it works wherever the server does.

mod document;
mod fields;
mod json_schema;
mod operation;
mod page;
mod schema;
mod text;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::IntoResponse;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::Api;
use document::Document;

/// How the page looks.
const STYLE: &str = include_str!("docs/style.css");

/// The page, and what a browser may load for it. Cheap to clone.
#[derive(Clone)]
pub(super) struct Docs {
    html: Bytes,
    policy: HeaderValue,
}

impl Docs {
    /// The page of an OpenAPI document.
    ///
    /// # Errors
    /// When the document is not one, which is a mistake in the code.
    pub(super) fn new(openapi: &str) -> Result<Self, serde_json::Error> {
        let document: Document = serde_json::from_str(openapi)?;
        Ok(Self {
            html: page::page(&document, STYLE).into_string().into(),
            policy: policy(),
        })
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
pub(super) async fn docs(State(api): State<Api>) -> impl IntoResponse {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
        (CONTENT_SECURITY_POLICY, api.docs.policy),
    ];
    (headers, api.docs.html)
}
