//! Tokens, one per device: create, list, revoke, and resend everything to a device.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::extract::json_body::{Id, JsonBody};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::{Scope, Scopes};
use crate::store::{Caller, Device};

/// A token without its secret, which is shown only when it is created.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TokenJson {
    id: Uuid,
    /// The device's name.
    name: String,
    scopes: Vec<Scope>,
    created_at: Timestamp,
    /// To the minute; null if never.
    last_used_at: Option<Timestamp>,
    /// Null if never.
    expires_at: Option<Timestamp>,
    /// Whether several devices may use it.
    shared: bool,
    /// When the server noticed that several devices use it although it was created for one; else
    /// null.
    found_shared_at: Option<Timestamp>,
}

impl From<Device> for TokenJson {
    fn from(device: Device) -> Self {
        Self {
            id: device.id,
            name: device.name,
            scopes: device.scopes.iter().collect(),
            created_at: device.created_at,
            last_used_at: device.last_used_at,
            expires_at: device.expires_at,
            shared: device.is_shared,
            found_shared_at: device.found_shared_at,
        }
    }
}

/// Tokens by name.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Tokens {
    tokens: Vec<TokenJson>,
}

/// The user's valid tokens.
#[utoipa::path(get, path = "/users/me/tokens", tag = "tokens",
    responses((status = 200, body = Tokens)))]
pub(in crate::api) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Tokens>, HttpError> {
    let devices = api.store.list_tokens(&caller.user).await?;
    Ok(Json(Tokens {
        tokens: devices.into_iter().map(TokenJson::from).collect(),
    }))
}

/// The token to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewTokenJson {
    /// The device's name. Each has at most one valid token.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,62}[^\s\x00-\x1f\x7f-\x9f])?$"
    )]
    name: String,
    /// Its scopes, at most those of the creating credentials. Default: `sync` and `read`.
    #[schema(min_items = 1)]
    scopes: Option<Vec<Scope>>,
    /// Days until it expires. Default: never, or when the creating token expires.
    #[serde(default, deserialize_with = "whole_number")]
    #[schema(minimum = 1, maximum = 3650)]
    expires_in_days: Option<u16>,
    /// Whether several devices may use it. The server then guesses which of them is syncing.
    #[serde(default)]
    #[schema(default = false)]
    shared: bool,
}

/// Reads an integer as JSON Schema defines it: `30.0` is one.
pub(in crate::api) fn whole_number<'de, D: Deserializer<'de>>(
    reader: D,
) -> Result<Option<u16>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(reader)? else {
        return Ok(None);
    };
    if number.fract() == 0.0 && (0.0..=f64::from(u16::MAX)).contains(&number) {
        return Ok(Some(number as u16));
    }
    Err(serde::de::Error::custom("must be a whole number of days"))
}

/// A new token with its secret.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct MadeToken {
    #[serde(flatten)]
    token: TokenJson,
    /// The value for `watson config backend.token`. It is not shown again.
    #[serde(rename = "token")]
    secret: String,
}

/// Creates a token for a device.
#[utoipa::path(post, path = "/users/me/tokens", tag = "tokens", request_body = NewTokenJson,
    responses(
    (status = 201, body = MadeToken), (status = 409, description = "The device has a valid token.")
))]
pub(in crate::api) async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(wanted): JsonBody<NewTokenJson>,
) -> Result<impl IntoResponse, HttpError> {
    let scopes = wanted
        .scopes
        .map_or_else(Scopes::default, Scopes::from_iter);
    let grant = caller.grant(scopes, wanted.expires_in_days, Timestamp::now())?;
    let made = api
        .store
        .create_token(
            &caller.user,
            &wanted.name,
            grant.scopes,
            grant.expires_at,
            wanted.shared,
        )
        .await?;
    let made = MadeToken {
        token: made.device.into(),
        secret: made.secret.expose_secret().to_owned(),
    };
    Ok((
        StatusCode::CREATED,
        [(CACHE_CONTROL, "no-store")],
        Json(made),
    ))
}

/// Revokes a token. With a new token of the same name the device continues where it stopped.
#[utoipa::path(delete, path = "/users/me/tokens/{id}", tag = "tokens", params(("id" = Uuid,
    Path)), responses(
    (status = 204), (status = 404, description = "The user has no such valid token.")
))]
pub(in crate::api) async fn revoke(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.revoke_token_by_id(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends the device all frames at its next sync, including its own. Edits that it has not pushed
/// yet are overwritten.
#[utoipa::path(post, path = "/users/me/tokens/{id}/resend", tag = "tokens",
    params(("id" = Uuid, Path)), responses(
    (status = 204), (status = 404, description = "The user has no such valid token.")
))]
pub(in crate::api) async fn resend(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.resend_to_id(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
