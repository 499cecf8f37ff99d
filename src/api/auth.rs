//! `Authorization` header → [`Caller`].

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::{Api, ApiError, log};
use crate::store::Caller;

impl FromRequestParts<Api> for Caller {
    type Rejection = ApiError;

    /// Watson sends `Authorization: Token …`. The scheme's case does not matter (RFC 9110, section 11.1), and a bare
    /// token is understood too, as by the first Crick.
    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let header = parts
            .headers
            .get(AUTHORIZATION)
            .filter(|value| !value.is_empty());
        let header = header.ok_or(ApiError::Unauthorized(
            "the Authorization header is missing; set the token with `watson config backend.token`",
        ))?;
        let unknown = ApiError::Unauthorized(
            "the token is not valid; make one with `crick-api-server token create` \
             and set it with `watson config backend.token`",
        );
        let Some(token) = header.to_str().ok().and_then(token) else {
            return Err(unknown);
        };
        let caller = api.store.authenticate(token).await?.ok_or(unknown)?;
        log::user(&parts.extensions, caller.user.id());
        Ok(caller)
    }
}

/// The token of a header `Token …`, or of one that is nothing but a token.
fn token(header: &str) -> Option<&str> {
    let header = header.trim();
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("token") => token.trim(),
        Some(_) => return None,
        None => header,
    };
    (!token.is_empty()).then_some(token)
}
