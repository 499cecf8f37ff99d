//! Cache headers by kind of access, and 304 for what the client already has (RFC 9110, 13.1.2).

use axum::body;
use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

use super::access::Access;
use crate::api::extract::body::left_out;
use crate::http::HttpError;
use crate::model::Scope;

/// The length of a tag; enough to distinguish the states of one address.
const TAG_BYTES: usize = 16;

/// Adds `Cache-Control` unless the handler did, and returns 304 if the client has the response.
pub(in crate::api) async fn layer(
    State(access): State<Access>,
    request: Request,
    next: Next,
) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let known = known_tags(request.headers(), IF_NONE_MATCH);
    let mut response = next.run(request).await;
    if let Some(policy) = policy(access) {
        let headers = response.headers_mut();
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static(policy));
    }
    if is_read && is_tagged(access) && response.status() == StatusCode::OK {
        return tagged(response, &known).await;
    }
    response
}

/// Handlers of public documents set it themselves.
fn policy(access: Access) -> Option<&'static str> {
    match access {
        Access::Probe | Access::Needs(Scope::Sync) => Some("no-store"),
        Access::Public => None,
        Access::Feed | Access::Needs(_) => Some("private, no-cache"),
    }
}

/// Whether responses have a tag. A pull has none: it moves the device's cursor.
fn is_tagged(access: Access) -> bool {
    matches!(
        access,
        Access::Public | Access::Feed | Access::Needs(Scope::Read)
    )
}

/// Adds a tag derived from the body, or returns 304. A streamed body is passed on unless the
/// handler has set a tag.
///
/// The tag is weak, because the same content may be sent in several codings.
async fn tagged(response: Response, known: &[String]) -> Response {
    let (mut head, mut body) = response.into_parts();
    if !head.headers.contains_key(ETAG) {
        if body.size_hint().exact().is_none() {
            return Response::from_parts(head, body);
        }
        let Ok(bytes) = body::to_bytes(body, usize::MAX).await else {
            return HttpError::Internal.into_response();
        };
        match tag(&Sha256::digest(&bytes)) {
            Ok(tag) => head.headers.insert(ETAG, tag),
            Err(error) => return error.into_response(),
        };
        body = bytes.into();
    }
    let own = known_tags(&head.headers, ETAG);
    if !known.iter().any(|tag| tag == "*" || own.contains(tag)) {
        return Response::from_parts(head, body);
    }
    head.status = StatusCode::NOT_MODIFIED;
    head.headers.remove(CONTENT_TYPE);
    head.headers.remove(CONTENT_LENGTH);
    Response::from_parts(head, left_out())
}

/// The tag of a body by its hash.
///
/// # Errors
/// None that can come: a tag of hexadecimal digits is a header's value.
pub(in crate::api) fn tag(hash: &[u8]) -> Result<HeaderValue, HttpError> {
    let digits: String = hash
        .iter()
        .take(TAG_BYTES)
        .map(|b| format!("{b:02x}"))
        .collect();
    HeaderValue::from_str(&format!("W/\"{digits}\"")).map_err(|_| HttpError::Internal)
}

/// The tags of a header without the prefix of weak ones. A foreign tag with a comma is split into
/// fragments, which equal none of ours.
fn known_tags(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    let fields = headers.get_all(name).iter();
    fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/").to_owned())
        .collect()
}
