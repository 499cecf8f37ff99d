//! Extractors of ids, parameters and JSON bodies.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::api::extract::body;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::input;

/// The id in the address.
pub(in crate::api) struct Id(pub(in crate::api) Uuid);

impl FromRequestParts<Api> for Id {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, HttpError> {
        let path = Path::<String>::from_request_parts(parts, api).await;
        path.ok()
            .and_then(|Path(text)| parse_id(&text))
            .map(Self)
            .ok_or_else(|| HttpError::BadRequest("The id in the address is not a UUID".to_owned()))
    }
}

/// The two ids in the address, in order.
pub(in crate::api) struct TwoIds(pub(in crate::api) Uuid, pub(in crate::api) Uuid);

impl FromRequestParts<Api> for TwoIds {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, HttpError> {
        let path = Path::<(String, String)>::from_request_parts(parts, api).await;
        path.ok()
            .and_then(|Path((first, second))| Some(Self(parse_id(&first)?, parse_id(&second)?)))
            .ok_or_else(|| HttpError::BadRequest("An id in the address is not a UUID".to_owned()))
    }
}

/// Parses a UUID: hyphenated, bare hexadecimal, `urn:uuid:…` or in braces, in any case.
pub(in crate::api) fn parse_id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text)
        .or_else(|_| Uuid::parse_str(&text.to_lowercase()))
        .ok()
}

/// Query parameters. Unknown or invalid ones are 400, never ignored.
pub(in crate::api) struct Parameters<T>(pub(in crate::api) T);

impl<T: DeserializeOwned> FromRequestParts<Api> for Parameters<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, HttpError> {
        let query = parts.uri.query().unwrap_or_default();
        let read = input::read_pairs(query.as_bytes());
        read.map(Self)
            .map_err(|error| HttpError::BadRequest(format!("Invalid parameter: {error}")))
    }
}

/// A small JSON body. Its `Content-Type` is ignored, as by the first Crick.
pub(in crate::api) struct JsonBody<T>(pub(in crate::api) T);

impl<T: DeserializeOwned> FromRequest<Api> for JsonBody<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, HttpError> {
        let body = body::read(request, api.body_limit).await?;
        from_json(&body).map(Self)
    }
}

/// A small JSON body that may be absent or null.
pub(in crate::api) struct OptionalJsonBody<T>(pub(in crate::api) Option<T>);

impl<T: DeserializeOwned> FromRequest<Api> for OptionalJsonBody<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, HttpError> {
        let body = body::read(request, api.body_limit).await?;
        if body.is_empty() || body.trim_ascii() == b"null" {
            return Ok(Self(None));
        }
        from_json(&body).map(|value| Self(Some(value)))
    }
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, HttpError> {
    input::read_json(body)
        .map_err(|error| HttpError::BadRequest(format!("Invalid JSON body: {error}")))
}
