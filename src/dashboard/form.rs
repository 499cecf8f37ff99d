//! Extractors of forms, protected against cross-site request forgery: another site cannot make a
//! browser send the cookie (`SameSite=Strict`), our origin, or the token in each of our forms.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, Limited};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::parameters::{InvalidParameter, Parameters};
use super::session::Session;
use super::{Dashboard, origin};
use crate::http::HttpError;
use crate::input;

/// The fields of a form that needs write access.
pub(super) struct Form<T>(pub(super) Session, pub(super) T);

impl<T: DeserializeOwned> FromRequest<Dashboard> for Form<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, HttpError> {
        let SessionForm(session, fields) = SessionForm::from_request(request, dashboard).await?;
        session.require_write()?;
        Ok(Self(session, fields))
    }
}

/// The fields of a form that changes only the session.
pub(super) struct SessionForm<T>(pub(super) Session, pub(super) T);

/// The token against forgery.
#[derive(Deserialize)]
struct Csrf {
    csrf: Option<String>,
}

impl<T: DeserializeOwned> FromRequest<Dashboard> for SessionForm<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, HttpError> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, dashboard).await?;
        let body = read(Request::from_parts(parts, body), dashboard.body_limit).await?;
        let given: Csrf = fields(&body)?;
        if !given
            .csrf
            .is_some_and(|given| is_same(&given, &session.csrf))
        {
            return Err(foreign_form());
        }
        Ok(Self(session, fields(&body)?))
    }
}

/// A form without fields.
#[derive(Deserialize)]
pub(super) struct NoFields {}

/// The fields of a form that needs no session.
pub(super) struct PublicForm<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Dashboard> for PublicForm<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, dashboard: &Dashboard) -> Result<Self, HttpError> {
        let body = read(request, dashboard.body_limit).await?;
        fields(&body).map(Self)
    }
}

/// Reads the body of a form, if the browser does not say that another site sent it.
async fn read(request: Request, limit: usize) -> Result<Bytes, HttpError> {
    let headers = request.headers();
    if !origin::is_same_origin(headers) {
        return Err(foreign_form());
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

/// Encodes a name for a hidden field or a checkbox: browsers would change line ends.
pub(super) fn encode_name(name: &str) -> String {
    utf8_percent_encode(name, NON_ALPHANUMERIC).to_string()
}

/// Takes names that `encode_name` encoded.
pub(super) fn take_encoded_names(
    form: &mut Parameters,
    field: &str,
) -> Result<Vec<String>, InvalidParameter> {
    let values = form.take_all(field).into_iter();
    let names = values.map(|value| {
        let name = percent_decode_str(&value).decode_utf8().ok()?;
        (!name.contains('\0')).then(|| name.into_owned())
    });
    let names: Option<Vec<String>> = names.collect();
    names.ok_or_else(|| InvalidParameter(format!("“{field}” is not a valid name.")))
}

fn foreign_form() -> HttpError {
    HttpError::Forbidden(
        "This form was not sent from a page of this server, so nothing was saved. Go back, reload \
         the page and try again."
            .to_owned(),
    )
}

/// Compares hashes, so that timing reveals nothing about the texts.
fn is_same(given: &str, own: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(own)
}
