//! What the API and the dashboard share: errors, the request log, headers for browsers,
//! compression, guards and rate limits. It knows no route.

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
mod request_check;
pub(crate) mod request_log;
mod security;

use axum::{Router, middleware};

pub use error::HttpError;
pub(crate) use guards::guarded;
pub(crate) use problem::Problem;
pub use rate_limit::RateLimits;

/// Puts the layers around all routes of the server. From the outside in:
///
/// - the log, which sees the final response and gives each request an identifier;
/// - the headers for browsers;
/// - the check for invalid requests;
/// - compression, outside of the ETags, so that content has one tag in every coding.
pub fn around(router: Router) -> Router {
    router
        .layer(compression::layer())
        .layer(middleware::from_fn(compression::negotiation))
        .layer(middleware::from_fn(request_check::layer))
        .layer(middleware::map_response(security::headers))
        .layer(middleware::from_fn(request_log::layer))
}
