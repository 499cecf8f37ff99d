//! The OpenAPI 3.1 document. It is a file of the repository, as it is served: `written.rs` makes it of the handlers' own
//! attributes, and a test compares. So the program carries a text, not the code that writes it.

#[cfg(test)]
mod examples;
#[cfg(test)]
mod generate;

use std::borrow::Cow;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use super::state::Api;

/// Where Watson's routes stand in the document; the operator may have put them elsewhere.
const WATSON_PATH: &str = "/watson";
/// The document of a server that has them there.
const DOCUMENT: &str = include_str!("../../docs/openapi.json").trim_ascii_end();

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "server", responses(
    (status = 200, description = "An OpenAPI 3.1 document.", content_type = "application/json", body = Object)
))]
pub(super) async fn document(State(api): State<Api>) -> impl IntoResponse {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=300"),
    ];
    (headers, openapi(&api.watson_path))
}

/// The document of a server whose Watson routes lie under `watson`, as JSON.
#[must_use]
pub fn openapi(watson: &str) -> Cow<'static, str> {
    if watson == WATSON_PATH {
        return DOCUMENT.into();
    }
    // The path stands in the names of these addresses only, and is plain (see `config/watson_path.rs`).
    let (here, there) = (format!("\"{WATSON_PATH}/"), format!("\"{watson}/"));
    DOCUMENT.replace(&here, &there).into()
}
