//! What a form of ours sends. Another site's page can make a browser send one too, but not with the cookie (it is
//! `SameSite=Strict`), not with our origin, and not with the token that stands in each of our forms.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Limited};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::parameters::{InvalidParameter, Parameters};
use super::visitor::Visitor;
use super::{Dashboard, origin};
use crate::http::HttpError;
use crate::input;

/// The fields of a form of somebody who has signed in.
pub(super) struct Form<T>(pub(super) Visitor, pub(super) T);

/// The field that every form has.
#[derive(Deserialize)]
struct Csrf {
    csrf: Option<String>,
}

impl<T: DeserializeOwned> FromRequest<Dashboard> for Form<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, HttpError> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, dashboard).await?;
        let body = read(Request::from_parts(parts, body), dashboard.body_limit).await?;
        let given: Csrf = fields(&body)?;
        if !given
            .csrf
            .is_some_and(|given| is_same(&given, &visitor.csrf))
        {
            return Err(elsewhere());
        }
        Ok(Self(visitor, fields(&body)?))
    }
}

/// No field but the one that every form has.
#[derive(Deserialize)]
pub(super) struct Nothing {}

/// The fields of a form that needs no session.
pub(super) struct OpenForm<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Dashboard> for OpenForm<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, HttpError> {
        let body = read(request, dashboard.body_limit).await?;
        fields(&body).map(Self)
    }
}

/// The body of a form that was sent by one of our pages, as far as the browser says.
async fn read(request: Request, limit: usize) -> Result<Bytes, HttpError> {
    let headers = request.headers();
    if !origin::is_ours(headers) {
        return Err(elsewhere());
    }
    let is_form = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(HttpError::BadRequest(
            "Only forms are accepted here.".to_owned(),
        ));
    }
    let body = Limited::new(request.into_body(), limit).collect().await;
    let body = body.map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            HttpError::TooLarge(limit)
        } else {
            HttpError::BadRequest("The form arrived incomplete. Send it again.".to_owned())
        }
    });
    Ok(body?.to_bytes())
}

fn fields<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpError> {
    input::read_pairs(body)
        .map_err(|error| HttpError::BadRequest(format!("Invalid form: {error}.")))
}

/// A name as the value of a field that nobody sees. Names may hold line ends, which browsers send as others.
pub(super) fn kept(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// Takes the names that stand in a form as `kept` writes them.
///
/// # Errors
/// When one is no text, or holds the character NUL.
pub(super) fn kept_names(
    form: &mut Parameters,
    field: &str,
) -> Result<Vec<String>, InvalidParameter> {
    let values = form.all(field).into_iter();
    let names = values.map(|value| {
        let name = percent_decode_str(&value).decode_utf8().ok()?;
        (!name.contains('\0')).then(|| name.into_owned())
    });
    let names: Option<Vec<String>> = names.collect();
    names.ok_or_else(|| InvalidParameter(format!("“{field}” is not a valid name.")))
}

fn elsewhere() -> HttpError {
    HttpError::Forbidden(
        "This form was not sent from a page of this server, so nothing was saved. Go back, reload the page and try \
         again."
            .to_owned(),
    )
}

/// Compares hashes: how long that takes tells nothing of the texts.
fn is_same(given: &str, own: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(own)
}
