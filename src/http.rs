//! What stands around everything that answers over HTTP, whether programs or people ask: the line in the log, headers for
//! browsers, compression, the guards, and how often somebody may ask. Knows no route and no answer's shape.

pub(crate) mod address;
mod body_pace;
mod compression;
pub(crate) mod frame_file;
mod guards;
mod invalid_request;
pub(crate) mod origin;
mod rate_limit;
pub(crate) mod request_log;
mod security;

use axum::response::Response;
use axum::{Router, middleware};

pub(crate) use guards::{Refusals, guarded};
pub use invalid_request::InvalidRequest;
pub use rate_limit::RateLimits;
pub(crate) use rate_limit::TooMany;

/// Puts the layers around all routes of the server. From the outside in:
///
/// - the log, which sees what really goes out and gives everything an identifier;
/// - the headers for browsers;
/// - invalid requests, which `refuse` words;
/// - compression, above tags that are made of content, so that it has one tag whatever the coding.
pub fn around(router: Router, refuse: fn(InvalidRequest) -> Response) -> Router {
    router
        .layer(compression::layer())
        .layer(middleware::from_fn(compression::negotiation))
        .layer(middleware::from_fn_with_state(
            refuse,
            invalid_request::layer,
        ))
        .layer(middleware::map_response(security::headers))
        .layer(middleware::from_fn(request_log::layer))
}
