//! Sign-in through the issuer: the redirect there, and the callback with a code.

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

/// The redirect URI, relative to the server's URL. It must be registered at the issuer.
const CALLBACK_PATH: &str = "dashboard/sign-in/callback";

/// The parameters of the link to the issuer.
#[derive(Deserialize)]
pub(super) struct StartQuery {
    next: Option<String>,
    zone: Option<String>,
}

/// Redirects to the issuer. A cookie keeps the state for the callback.
pub(super) async fn start(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Query(asked): Query<StartQuery>,
) -> Result<Response, HttpError> {
    let issuer = issuer(&dashboard)?;
    let attempt = Attempt::begin().map_err(|error| {
        tracing::error!(%error, "no random numbers");
        HttpError::Internal
    })?;
    let there = issuer
        .authorization_url(&attempt, &callback_url(&headers)?)
        .await?;
    let zone = zone::canonical_name(asked.zone.as_deref().unwrap_or_default());
    let zone = zone.as_deref().unwrap_or("UTC");
    // Names of zones and paths of pages contain no spaces.
    let next = Next { next: asked.next };
    let state = format!("{} {zone} {}", attempt.secret(), next.page());
    let cookie = cookie::ATTEMPT.set(&headers, &encoded(&state))?;
    Ok(([cookie], Redirect::to(there.as_str())).into_response())
}

/// The parameters of the callback (RFC 6749, 4.1.2; `iss`: RFC 9207).
#[derive(Deserialize)]
pub(super) struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// Starts a session for the user that the issuer authenticated, and ends the attempt in any case.
/// Responds with a page that refreshes itself, because browsers do not send a `Strict` cookie along
/// a redirect that another site started.
pub(super) async fn callback(
    State(dashboard): State<Dashboard>,
    method: Method,
    headers: HeaderMap,
    query: Result<Query<CallbackQuery>, HttpError>,
) -> Result<Response, HttpError> {
    // The code is valid once, and HEAD must not consume it.
    if method != Method::GET {
        return Err(HttpError::MethodNotAllowed(method));
    }
    let Query(with) = query?;
    let answer = complete(&dashboard, &headers, with).await;
    let mut response = answer.unwrap_or_else(HttpError::into_response);
    let (name, value) = cookie::ATTEMPT.clear(&headers)?;
    response.headers_mut().append(name, value);
    Ok(response)
}

async fn complete(
    dashboard: &Dashboard,
    headers: &HeaderMap,
    with: CallbackQuery,
) -> Result<Response, HttpError> {
    let issuer = issuer(dashboard)?;
    let state = cookie::ATTEMPT.value(headers).ok_or_else(expired)?;
    let state = decoded(&state);
    let mut parts = state.expose_secret().splitn(3, ' ');
    let (Some(secret), Some(zone), next) = (parts.next(), parts.next(), parts.next()) else {
        return Err(expired());
    };
    let attempt = Attempt::resume(secret);
    let is_from_issuer = with.iss.is_none_or(|iss| iss == issuer.name());
    if with.state != Some(attempt.state()) || !is_from_issuer {
        return Err(expired());
    }
    let Some(code) = with.code else {
        return Err(denied(with.error.as_deref()));
    };
    let bearer = issuer
        .redeem(&attempt, &code, &callback_url(headers)?, Timestamp::now())
        .await
        .map_err(refused)?;
    let token = bearer.access_token.expose_secret();
    let (store, registration) = (&dashboard.store, &dashboard.registration);
    let caller = sign_in::find_caller(store, issuer, registration, token, &bearer.claims).await?;
    let zone = zone::canonical_name(zone).unwrap_or_else(|_| "UTC".to_owned());
    let before = cookie::SESSION.value(headers);
    let secret = store
        .create_session(&caller, &zone, before.as_ref())
        .await?;
    let next = Next {
        next: next.map(str::to_owned),
    };
    let cookie = cookie::SESSION.set(headers, &secret)?;
    Ok(([cookie], redirect_page(next.page())).into_response())
}

fn redirect_page(next: &str) -> axum::response::Html<String> {
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

fn callback_url(headers: &HeaderMap) -> Result<Url, HttpError> {
    let own = origin::own(headers).and_then(|own| own.join(CALLBACK_PATH).ok());
    own.ok_or_else(|| HttpError::BadRequest("The Host header is invalid.".to_owned()))
}

/// A refused token ends the sign-in. 401 would redirect to the sign-in page and start over.
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

fn denied(error: Option<&str>) -> HttpError {
    HttpError::Forbidden(match error {
        Some("access_denied") => "Your organization denied the sign-in.".to_owned(),
        _ => "Your organization could not sign you in. Try again, or sign in with a token."
            .to_owned(),
    })
}

/// Encodes spaces and special characters, which a cookie's value must not contain.
fn encoded(text: &str) -> SecretString {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    encoded.into()
}

fn decoded(value: &SecretString) -> SecretString {
    let pair = format!("state={}", value.expose_secret());
    let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
    decoded
        .map_or_else(String::new, |(_, text)| text.into_owned())
        .into()
}
