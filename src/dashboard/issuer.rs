//! Signing in with the issuer: there, and back with a code.

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use maud::{DOCTYPE, html};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use url::Url;

use super::parameters::Query;
use super::sign_in::Next;
use super::{Dashboard, cookie, zone};
use crate::http::HttpError;
use crate::http::origin;
use crate::oidc::{Attempt, Issuer};
use crate::sign_in;

/// Where the issuer sends people back to, below the server's own address. The issuer has to know it.
const BACK: &str = "dashboard/sign-in/callback";

/// What the link to the issuer says.
#[derive(Deserialize)]
pub(super) struct Begin {
    next: Option<String>,
    zone: Option<String>,
}

/// Sends the browser to the issuer. What has to be known when it comes back goes into a cookie.
pub(super) async fn begin(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Query(asked): Query<Begin>,
) -> Result<Response, HttpError> {
    let issuer = issuer(&dashboard)?;
    let attempt = Attempt::begin().map_err(|error| {
        tracing::error!(%error, "no random numbers");
        HttpError::Internal
    })?;
    let there = issuer.authorization_url(&attempt, &back(&headers)?).await?;
    let zone = zone::canonical_name(asked.zone.as_deref().unwrap_or_default());
    let zone = zone.as_deref().unwrap_or("UTC");
    // A zone's name and a page's address have no blanks.
    let next = Next { next: asked.next };
    let kept = format!("{} {zone} {}", attempt.secret(), next.page());
    let cookie = cookie::ATTEMPT.set(&headers, &encoded(&kept))?;
    Ok(([cookie], Redirect::to(there.as_str())).into_response())
}

/// How the issuer sends the browser back (RFC 6749, 4.1.2; `iss` by RFC 9207).
#[derive(Deserialize)]
pub(super) struct Back {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Begins a session for whom the issuer has vouched. The answer is a page that goes on by itself: the cookie of a session
/// does not go with a redirect that another site began. Whatever comes of it, the attempt is over.
pub(super) async fn come_back(
    State(dashboard): State<Dashboard>,
    method: Method,
    headers: HeaderMap,
    query: Result<Query<Back>, HttpError>,
) -> Result<Response, HttpError> {
    // The code is good once, and what is only looked at must not use it up.
    if method != Method::GET {
        return Err(HttpError::MethodNotAllowed(method));
    }
    let Query(with) = query?;
    let answer = let_in(&dashboard, &headers, with).await;
    let mut response = answer.unwrap_or_else(HttpError::into_response);
    let (name, value) = cookie::ATTEMPT.removed(&headers)?;
    response.headers_mut().append(name, value);
    Ok(response)
}

async fn let_in(
    dashboard: &Dashboard,
    headers: &HeaderMap,
    with: Back,
) -> Result<Response, HttpError> {
    let issuer = issuer(dashboard)?;
    let kept = cookie::ATTEMPT.value(headers).ok_or_else(expired)?;
    let kept = decoded(&kept);
    let mut parts = kept.expose_secret().splitn(3, ' ');
    let (Some(secret), Some(zone), next) = (parts.next(), parts.next(), parts.next()) else {
        return Err(expired());
    };
    let attempt = Attempt::resume(secret);
    let is_from_issuer = with.iss.is_none_or(|iss| iss == issuer.name());
    if with.state != Some(attempt.state()) || !is_from_issuer {
        return Err(expired());
    }
    let Some(code) = with.code else {
        return Err(not_let_in(with.error.as_deref()));
    };
    let bearer = issuer
        .redeem(&attempt, &code, &back(headers)?, Timestamp::now())
        .await
        .map_err(refused)?;
    let token = bearer.access_token.expose_secret();
    let (store, rules) = (&dashboard.store, &dashboard.rules);
    let caller = sign_in::caller(store, issuer, rules, token, &bearer.claims).await?;
    let zone = zone::canonical_name(zone).unwrap_or_else(|_| "UTC".to_owned());
    let before = cookie::SESSION.value(headers);
    let secret = store
        .create_session(&caller, &zone, before.as_ref())
        .await?;
    let next = Next {
        next: next.map(str::to_owned),
    };
    let cookie = cookie::SESSION.set(headers, &secret)?;
    Ok(([cookie], onward(next.page())).into_response())
}

fn onward(next: &str) -> axum::response::Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content={ "0; url=" (next) };
                title { "Signed in · crick" }
            }
            body { main { h1 { "Signed in" } p { a href=(next) { "Continue" } } } }
        }
    };
    axum::response::Html(page.into_string())
}

fn issuer(dashboard: &Dashboard) -> Result<&Issuer, HttpError> {
    let none = || HttpError::NotFound("On this server you sign in with a token.".to_owned());
    dashboard.issuer.as_ref().ok_or_else(none)
}

fn back(headers: &HeaderMap) -> Result<Url, HttpError> {
    let own = origin::own(headers).and_then(|own| own.join(BACK).ok());
    own.ok_or_else(|| HttpError::BadRequest("The Host header is invalid.".to_owned()))
}

/// A refused token ends the sign-in, which must not begin anew by itself.
fn refused(error: impl Into<HttpError>) -> HttpError {
    match error.into() {
        HttpError::Unauthorized(why) => HttpError::Forbidden(why),
        other => other,
    }
}

fn expired() -> HttpError {
    HttpError::Forbidden(
        "This sign-in has expired or was started in another browser. Sign in again.".to_owned(),
    )
}

fn not_let_in(error: Option<&str>) -> HttpError {
    HttpError::Forbidden(match error {
        Some("access_denied") => "Your organization denied the sign-in.".to_owned(),
        _ => "Your organization could not sign you in. Try again, or sign in with a token."
            .to_owned(),
    })
}

/// A cookie's value has no blanks and few signs.
fn encoded(text: &str) -> SecretString {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.into()
}

fn decoded(value: &SecretString) -> SecretString {
    let pair = format!("kept={}", value.expose_secret());
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
    decoded
        .map_or_else(String::new, |(_, text)| text.into_owned())
        .into()
}
