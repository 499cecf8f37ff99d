//! The sync protocol of Watson 1.5 to 2.1: `projects`, `frames`, `frames/bulk`.

mod body;
pub(super) mod frame;
mod raw_frame;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use body::{PushBody, frames as read_frames};
pub(in crate::api) use frame::WatsonFrame;
pub use frame::write_frame;

use super::frame_json::FrameInput;
use super::frame_stream;
use super::projects::Projects;
use crate::api::extract::body as request_body;
use crate::api::extract::json_body::Parameters;
use crate::api::extract::last_sync;
use crate::api::middleware::preload::Preloaded;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::metrics;
use crate::model::RefusedFrame;
use crate::store::{Caller, SyncState};

/// Bodies of at least this many bytes are parsed on a blocking thread.
const LARGE: usize = 256 << 10;
/// The most refused frames that a response lists.
const MOST_REFUSALS: usize = 100;

/// The user's projects in use.
#[utoipa::path(get, path = "/watson/projects", tag = "watson",
    operation_id = "watson_projects", responses(
    (status = 200, body = Projects)
))]
pub(in crate::api) async fn projects(
    State(api): State<Api>,
    caller: Caller,
    preloaded: Preloaded,
) -> Result<Json<Projects>, HttpError> {
    let projects = match preloaded.projects {
        Some(projects) => projects,
        None => api.store.list_projects(&caller.user, false).await?,
    };
    Ok(Json(Projects { projects }))
}

/// The query of a pull.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct PullQuery {
    /// When the device's previous sync ended by its own clock, with a zone; 1970 for a new device.
    #[param(format = DateTime)]
    last_sync: Option<String>,
}

/// A list of the frames that this device has not received yet. Without `last_sync` it has all
/// frames, and the device's position does not change.
#[utoipa::path(get, path = "/watson/frames", tag = "watson", operation_id = "watson_pull",
    params(PullQuery), responses(
    (status = 200, body = [WatsonFrame]),
    (status = 409, description = "The database was restored from a backup; `detail` says how to \
        sync again.")
))]
pub(in crate::api) async fn pull(
    State(api): State<Api>,
    caller: Caller,
    Preloaded { sync_state, .. }: Preloaded,
    method: Method,
    Parameters(query): Parameters<PullQuery>,
) -> Result<Response, HttpError> {
    let last_sync = query.last_sync.as_deref().filter(|text| !text.is_empty());
    let last_sync = last_sync.map(last_sync::parse).transpose()?;
    if method == Method::HEAD {
        // Nothing is sent, so the device's position must not change.
        return Ok(frame_stream::json(request_body::left_out()));
    }
    let pull = match last_sync {
        Some(last_sync) => api.store.pull(&caller, sync_state, last_sync).await?,
        None => api.store.pull_all(&caller.user),
    };
    let list = frame_stream::body(&api.store, pull, vec![b'['], b"]");
    Ok(frame_stream::json(list.await?))
}

/// The outcome of a push. Watson looks at the status only.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Pushed {
    /// Frames in the list.
    received: usize,
    /// Frames that were new or different.
    written: u64,
    /// Frames that cannot be stored; absent if there are none.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    refused: usize,
    /// The first 100 of these; absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false, max_items = 100)]
    refusals: Vec<PushRefusal>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// A frame of a push that cannot be stored.
#[derive(Serialize, ToSchema)]
struct PushRefusal {
    /// Its position in the list, from 0.
    index: usize,
    /// Its id, if it has one.
    id: Option<String>,
    /// Why; it completes the sentence "the frame is refused: …".
    reason: String,
}

/// Stores the frames of a list in one transaction. A frame that cannot be stored does not block the
/// others: it is listed in the response and on the dashboard's device page. 201 for any number of
/// frames, and for an identical repeat.
#[utoipa::path(post, path = "/watson/frames/bulk", tag = "watson",
    operation_id = "watson_push", request_body = [FrameInput],
    responses(
        (status = 201, body = Pushed),
        (status = 422, description = "More than 1,000 frames cannot be stored, so none was.")
    )
)]
pub(in crate::api) async fn push(
    State(api): State<Api>,
    caller: Caller,
    Preloaded { sync_state, .. }: Preloaded,
    request: Request,
) -> Result<(StatusCode, Json<Pushed>), HttpError> {
    // Until the response is sent, also while the body arrives.
    let _running = api.store.begin_push(&caller);
    let body = request_body::read(request, api.bulk_body_limit).await?;
    // Parsing a large list would block the other requests of this thread.
    let PushBody { frames, refused } = match body.len() {
        ..LARGE => body::frames(&body)?,
        _ => tokio::task::spawn_blocking(move || body::frames(&body))
            .await
            .map_err(|_| HttpError::Internal)??,
    };
    let received = frames.len() + refused.len();
    let ids = frames.iter().map(|frame| frame.id).collect();
    let has_refused = sync_state.as_ref().is_none_or(SyncState::has_refused);
    let pushed = api.store.push(&caller, sync_state, frames).await?;
    // After the frames, because only what fails before the 201 is pushed again.
    api.store
        .update_refused_frames(&caller, has_refused, &ids, &refused)
        .await?;
    metrics::frames_written(pushed.written);
    if !refused.is_empty() {
        tracing::warn!(
            received,
            refused = refused.len(),
            first = refused[0].reason,
            "some frames of a push cannot be stored and were set aside"
        );
    }
    api.store.clock().sleep(pushed.hold).await;
    Ok((
        StatusCode::CREATED,
        Json(outcome(received, pushed.written, refused)),
    ))
}

fn outcome(received: usize, written: u64, refused: Vec<RefusedFrame>) -> Pushed {
    let refusal = |refused: RefusedFrame| PushRefusal {
        index: refused.index,
        id: refused.id,
        reason: refused.reason,
    };
    Pushed {
        received,
        written,
        refused: refused.len(),
        refusals: refused
            .into_iter()
            .take(MOST_REFUSALS)
            .map(refusal)
            .collect(),
    }
}
