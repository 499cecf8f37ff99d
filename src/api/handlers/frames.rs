//! Frames: lists, files, imports, and single frames.

pub(in crate::api) mod files;
pub(in crate::api) mod import;
pub(in crate::api) mod list;
mod query;
mod subject;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use uuid::Uuid;

use super::frame_json::{FrameInput, FrameJson, Refusal};
use crate::api::extract::json_body::{Id, JsonBody};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::metrics;
use crate::model::Frame;
use crate::store::Caller;

/// A frame.
#[utoipa::path(get, path = "/frames/{id}", tag = "frames", operation_id = "show",
    params(("id" = Uuid, Path)), responses(
    (status = 200, body = FrameJson), (status = 404, description = "The user has no such frame.")
))]
pub(in crate::api) async fn get(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<FrameJson>, HttpError> {
    let frame = api.store.get_frame(&caller.user, id).await?;
    FrameJson::own(frame).map(Json)
}

/// Creates or replaces a frame. Every device of the user receives it at its next sync. A deleted
/// frame is restored; an identical one is not changed.
#[utoipa::path(put, path = "/frames/{id}", tag = "frames", operation_id = "put_frame",
    params(("id" = Uuid, Path)),
    request_body = FrameInput, responses(
    (status = 200, body = FrameJson, description = "Replaced, or identical."),
    (status = 201, body = FrameJson, description = "Created."),
    (status = 422, description = "The frame is invalid: it ends before it starts, its project's \
        name is blank, or its id differs from the address.")
))]
pub(in crate::api) async fn put(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    JsonBody(input): JsonBody<FrameInput>,
) -> Result<(StatusCode, Json<FrameJson>), HttpError> {
    let put = api.store.put_frame(&caller.user, named(id, input)?).await?;
    metrics::frames_written(put.written);
    let status = if put.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(FrameJson::own(put.frame)?)))
}

/// The frame at an address. Unlike a push, which takes what a device already has, this takes no
/// frame that counts as nothing, and it distinguishes malformed values from impossible ones.
fn named(id: Uuid, mut input: FrameInput) -> Result<Frame, HttpError> {
    input.id.get_or_insert_with(|| id.to_string());
    let frame = input.parse();
    let frame = frame.and_then(|frame| Ok(frame.require_countable()?));
    let frame = frame.map_err(|refusal| {
        let text = format!("Invalid frame: {refusal}");
        match refusal {
            Refusal::Malformed(_) => HttpError::BadRequest(text),
            Refusal::Impossible(_) | Refusal::Invalid(_) => HttpError::Unprocessable(text),
        }
    })?;
    if frame.id != id {
        return Err(HttpError::Unprocessable(
            "Invalid frame: its id differs from the one in the address".to_owned(),
        ));
    }
    Ok(frame)
}

/// Deletes a frame. Watson has no way to delete it on a device, but pushing it unchanged does not
/// restore it.
#[utoipa::path(delete, path = "/frames/{id}", tag = "frames", operation_id = "remove_frame",
    params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, description = "The user has no such frame."))
)]
pub(in crate::api) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.delete_frame(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
