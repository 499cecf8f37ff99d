//! The address of a calendar feed: its secret, and where a client finds it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::api::state::Api;
use crate::http::HttpError;
use crate::http::frame_file::FEEDS;
use crate::http::origin;
use crate::store::OpenFeed;

/// The secret in the address of a feed.
pub(in crate::api) fn secret(path: &str) -> &str {
    let name = path.strip_prefix(FEEDS).unwrap_or_default();
    let name = name.trim_end_matches('/');
    name.strip_suffix(".ics").unwrap_or(name)
}

impl FromRequestParts<Api> for OpenFeed {
    type Rejection = HttpError;

    /// The feed whose address was asked for; a handler of another route has none.
    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, HttpError> {
        parts.extensions.get().cloned().ok_or(HttpError::Internal)
    }
}

/// Where the client has found the server: what stands before the path of an address.
pub(in crate::api) struct Origin(String);

impl Origin {
    /// The address of a feed.
    pub(in crate::api) fn feed(&self, secret: &str) -> String {
        format!("{}{FEEDS}{secret}.ics", self.0)
    }
}

impl FromRequestParts<Api> for Origin {
    type Rejection = Infallible;

    /// By the `Host` that the client itself sent. Without a host an address begins with the path.
    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, Self::Rejection> {
        let own = origin::own(&parts.headers).map(String::from);
        let own = own.unwrap_or_default();
        Ok(Self(own.trim_end_matches('/').to_owned()))
    }
}
