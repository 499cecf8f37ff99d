//! `Authorization` header → [`Caller`].

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Uri};

use jiff::Timestamp;

use super::preload::{Preload, Preloaded};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::oidc::Issuer;
use crate::sign_in;
use crate::store::Caller;

/// Finds the caller. Watson sends `Authorization: Token …`, other clients `Bearer …`; the case of
/// the scheme does not matter (RFC 9110, section 11.1), and a bare token is accepted, as by the
/// first Crick.
///
/// # Errors
/// 401 without valid credentials, 403 for a person who is no user and may not register, 503 when
/// the issuer or the database cannot be reached.
pub(in crate::api) async fn caller(
    api: &Api,
    preload: Preload,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(Caller, Preloaded), HttpError> {
    let header = headers.get(AUTHORIZATION).filter(|value| !value.is_empty());
    let header = header.ok_or_else(|| {
        HttpError::Unauthorized(
            "Missing Authorization header; set the token with `watson config backend.token`"
                .to_owned(),
        )
    })?;
    let unknown = HttpError::Unauthorized(
        "Invalid token; create one with `crick-api-server token create` \
         and set it with `watson config backend.token`"
            .to_owned(),
    );
    let Some(credentials) = header.to_str().ok().and_then(credentials) else {
        return Err(unknown);
    };
    match &api.issuer {
        // A JSON web token has dots, and none of ours does.
        Some(issuer) if credentials.contains('.') => {
            let caller = signed_in(api, issuer, credentials).await?;
            Ok((caller, Preloaded::default()))
        }
        _ => {
            let found = preload.authenticate(&api.store, credentials, uri).await?;
            found.ok_or(unknown)
        }
    }
}

/// The user of an issuer's token, who is registered if necessary and allowed.
async fn signed_in(api: &Api, issuer: &Issuer, token: &str) -> Result<Caller, HttpError> {
    let claims = issuer.verify(token, Timestamp::now()).await?;
    let caller = sign_in::find_caller(&api.store, issuer, &api.registration, token, &claims);
    Ok(caller.await?)
}

/// The token of `Token …`, `Bearer …` or a bare token.
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
