//! Compressed answers, for clients that understand gzip or zstd; Watson understands gzip.

use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, VARY};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};

/// Bodies below this size, in bytes, go out as they are: they fit one packet either way.
const SMALLEST: u64 = 512;

/// Compresses fast rather than well: lists of frames shrink to a tenth either way.
pub(crate) fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(SMALLEST).and(has_body))
}

/// A 304 has none, though its length is not known.
fn has_body(status: StatusCode, _: Version, _: &HeaderMap, _: &Extensions) -> bool {
    status != StatusCode::NOT_MODIFIED
}

/// Stands around [`layer`]. Every answer says that it depends on `Accept-Encoding`, also one that was too small to be
/// compressed. And a client that refuses every coding gets the answer uncompressed: the layer's 406 would come when a
/// push is already stored.
pub(crate) async fn negotiation(mut request: Request, next: Next) -> Response {
    let headers = request.headers_mut();
    let accepted: Vec<HeaderValue> = headers.get_all(ACCEPT_ENCODING).iter().cloned().collect();
    if !accepted.is_empty() {
        // In front, because what is said first holds beside a `*`.
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
