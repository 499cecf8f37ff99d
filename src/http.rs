//! What stands around everything that answers over HTTP, whether programs or people ask: the line in the log, headers for
//! browsers, compression, the guards, and how often somebody may ask. Knows no route and no answer's shape.

pub(crate) mod address;
mod body_pace;
mod compression;
mod error;
pub(crate) mod frame_file;
mod guards;
mod invalid_request;
pub mod metrics;
pub(crate) mod origin;
mod problem;
mod rate_limit;
pub(crate) mod request_log;
mod security;

use axum::{Router, middleware};

pub use error::HttpError;
pub(crate) use guards::guarded;
pub(crate) use problem::Problem;
pub use rate_limit::RateLimits;

/// Puts the layers around all routes of the server. From the outside in:
///
/// - the log, which sees what really goes out and gives everything an identifier;
/// - the headers for browsers;
/// - the check for invalid requests;
/// - compression, above tags that are made of content, so that it has one tag whatever the coding.
pub fn around(router: Router) -> Router {
    router
        .layer(compression::layer())
        .layer(middleware::from_fn(compression::negotiation))
        .layer(middleware::from_fn(invalid_request::layer))
        .layer(middleware::map_response(security::headers))
        .layer(middleware::from_fn(request_log::layer))
}
