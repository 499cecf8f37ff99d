//! What Watson speaks, every version from 1.5 to 2.1: `projects`, `frames`, `frames/bulk`.

mod frame;
mod wire;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub(super) use frame::WatsonFrame;
pub use frame::write_frame;
pub use wire::frames as read_frames;
pub(super) use wire::presented_last_sync;

use super::frame_json::FrameInput;
use super::projects::Projects;
use super::{Api, ApiError, body, frame_stream};
use crate::metrics;
use crate::store::Caller;

/// Bodies from this size on, in bytes, are read on a thread of their own.
const LARGE: usize = 256 << 10;

/// The user's projects that are in use.
#[utoipa::path(get, path = "/watson/projects", tag = "watson", operation_id = "watson_projects", responses(
    (status = 200, body = Projects)
))]
pub(super) async fn projects(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Projects>, ApiError> {
    let projects = api.store.projects_of(caller).await?;
    Ok(Json(Projects { projects }))
}

/// The query of a pull.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PullQuery {
    /// When the device's previous sync ended by its own clock, with a zone; 1970 for a new device.
    #[param(format = DateTime)]
    last_sync: Option<String>,
}

/// A bare list of the frames that this device has not been told yet. Without `last_sync` it is everything, and nothing is
/// remembered of the asking.
#[utoipa::path(get, path = "/watson/frames", tag = "watson", operation_id = "watson_pull", params(PullQuery), responses(
    (status = 200, body = [WatsonFrame]),
    (status = 409, description = "The database was restored from a backup; `detail` says how the device starts over.")
))]
pub(super) async fn pull(
    State(api): State<Api>,
    caller: Caller,
    method: Method,
    query: Result<Query<PullQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(query) = query.map_err(|error| ApiError::BadRequest(error.body_text()))?;
    let last_sync = query.last_sync.as_deref().filter(|text| !text.is_empty());
    let last_sync = last_sync.map(wire::last_sync).transpose()?;
    if method == Method::HEAD {
        // Nothing is sent, so nothing may count as told.
        return Ok(frame_stream::json(body::left_out()));
    }
    let pull = match last_sync {
        Some(last_sync) => api.store.pull(&caller, last_sync).await?,
        None => api.store.pull_all(&caller.user),
    };
    let list = frame_stream::body(&api.store, pull, vec![b'['], b"]");
    Ok(frame_stream::json(list.await?))
}

/// What became of a push. Watson looks at the status only.
#[derive(Serialize, ToSchema)]
pub(super) struct Pushed {
    received: usize,
    written: u64,
}

/// Writes all frames of a list or none. 201 whatever the number, and for an identical repeat too.
#[utoipa::path(post, path = "/watson/frames/bulk", tag = "watson", operation_id = "watson_push", request_body = [FrameInput],
    responses((status = 201, body = Pushed))
)]
pub(super) async fn push(
    State(api): State<Api>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<Pushed>), ApiError> {
    // Until the response is sent, also while the body arrives.
    let _running = api.store.begin_push(&caller);
    let body = body::read(request, api.bulk_body_limit).await?;
    // Reading a large list takes long enough to keep other requests of this thread waiting.
    let frames = match body.len() {
        ..LARGE => wire::frames(&body)?,
        _ => tokio::task::spawn_blocking(move || wire::frames(&body))
            .await
            .map_err(|_| ApiError::Internal)??,
    };
    let written = api.store.push(&caller, frames).await?;
    metrics::frames_written(written.written);
    tokio::time::sleep(written.hold).await;
    Ok((
        StatusCode::CREATED,
        Json(Pushed {
            received: written.received,
            written: written.written,
        }),
    ))
}
