//! Compresses responses with gzip, which Watson supports, or zstd.

use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, VARY};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Smaller bodies, in bytes, are not compressed: they fit into one packet anyway.
const SMALLEST: u64 = 512;

/// The fastest level: lists of frames shrink to a tenth with every level.
pub(crate) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(SMALLEST).and(has_body))
}

/// A 304 has no body, though its length is unknown.
fn has_body(status: StatusCode, _: Version, _: &HeaderMap, _: &Extensions) -> bool {
    status != StatusCode::NOT_MODIFIED
}

/// Wraps [`layer`]. Adds `Vary: accept-encoding` to small responses too, and sends an uncompressed
/// response to a client that refuses every coding: a 406 would come after a push is stored.
pub(crate) async fn negotiation(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let accepted: Vec<HeaderValue> = headers.get_all(ACCEPT_ENCODING).iter().cloned().collect();
    if !accepted.is_empty() {
        // First, because the first match takes precedence over `*`.
        let last_resort = HeaderValue::from_static("identity;q=0.001");
        headers.insert(ACCEPT_ENCODING, last_resort);
        for field in accepted {
            headers.append(ACCEPT_ENCODING, field);
        }
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if headers
        .get_all(VARY)
        .iter()
        .all(|field| field != "accept-encoding")
    {
        headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}
