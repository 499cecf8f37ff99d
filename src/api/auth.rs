//! `Authorization` header → [`Caller`].

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use super::{Api, ApiError};
use crate::store::Caller;

/// Whose credentials a request carries. Watson sends `Authorization: Token …`, other clients `Bearer …`; the scheme's
/// case does not matter (RFC 9110, section 11.1), and a bare token is understood too, as by the first Crick.
///
/// # Errors
/// 401 without valid credentials.
pub(super) async fn caller(api: &Api, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let header = headers.get(AUTHORIZATION).filter(|value| !value.is_empty());
    let header = header.ok_or(ApiError::Unauthorized(
        "the Authorization header is missing; set the token with `watson config backend.token`",
    ))?;
    let unknown = ApiError::Unauthorized(
        "the token is not valid; make one with `crick-api-server token create` \
         and set it with `watson config backend.token`",
    );
    let Some(credentials) = header.to_str().ok().and_then(credentials) else {
        return Err(unknown);
    };
    api.store.authenticate(credentials).await?.ok_or(unknown)
}

/// The token of a header `Token …` or `Bearer …`, or of one that is nothing but a token.
fn credentials(header: &str) -> Option<&str> {
    let header = header.trim();
    let token = match header.split_once(' ') {
        Some((scheme, token))
            if scheme.eq_ignore_ascii_case("token") || scheme.eq_ignore_ascii_case("bearer") =>
        {
            token.trim()
        }
        Some(_) => return None,
        None => header,
    };
    (!token.is_empty()).then_some(token)
}
