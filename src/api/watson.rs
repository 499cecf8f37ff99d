//! What Watson speaks, every version from 1.5 to 2.1: `projects`, `frames`, `frames/bulk`.

mod wire;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::projects::Projects;
use super::{Api, ApiError, body};
use crate::metrics;
use crate::store::{Caller, Pull, Store};

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
    let projects = api.store.projects(&caller.user, false).await?;
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

/// What a device has not been told yet: a bare list of the frames this device has not been told yet. Without `last_sync` it is
/// everything, and nothing is remembered of the asking.
#[utoipa::path(get, path = "/watson/frames", tag = "watson", operation_id = "watson_pull", params(PullQuery), responses(
    (status = 200, body = [Object])
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
        return Ok(json(Body::empty()));
    }
    let mut pull = match last_sync {
        Some(last_sync) => api.store.pull(&caller, last_sync).await?,
        None => api.store.pull_all(&caller.user),
    };
    let mut first = vec![b'['];
    write_page(&api.store, &mut pull, &mut first).await?;
    if pull.is_done() {
        first.push(b']');
        return Ok(json(Body::from(first)));
    }
    Ok(json(Body::from_stream(pages(api.store, pull, first))))
}

/// The list as chunks, each read from the database when the client has taken the one before.
fn pages(
    store: Store,
    pull: Pull,
    first: Vec<u8>,
) -> impl futures_util::Stream<Item = Result<Bytes, ApiError>> + Send + 'static {
    stream::try_unfold(Some((store, pull, Some(first))), async |state| {
        let Some((store, mut pull, first)) = state else {
            return Ok(None);
        };
        if let Some(first) = first {
            return Ok(Some((Bytes::from(first), Some((store, pull, None)))));
        }
        let mut chunk = Vec::new();
        write_page(&store, &mut pull, &mut chunk).await?;
        if pull.is_done() {
            chunk.push(b']');
            return Ok(Some((Bytes::from(chunk), None)));
        }
        Ok(Some((Bytes::from(chunk), Some((store, pull, None)))))
    })
}

/// Appends the pull's next page to a list that was opened with `[`, or to a chunk after its first one.
async fn write_page(store: &Store, pull: &mut Pull, out: &mut Vec<u8>) -> Result<(), ApiError> {
    let is_first_chunk = out.as_slice() == b"[";
    for (at, frame) in store.pull_page(pull).await?.iter().enumerate() {
        if at > 0 || !is_first_chunk {
            out.push(b',');
        }
        wire::write_frame(out, frame)?;
    }
    Ok(())
}

/// What became of a push. Watson looks at the status only.
#[derive(Serialize, ToSchema)]
pub(super) struct Pushed {
    received: usize,
    written: u64,
}

/// Writes all frames of a list or none. 201 whatever the number, and for an identical repeat too.
#[utoipa::path(post, path = "/watson/frames/bulk", tag = "watson", operation_id = "watson_push", request_body = [Object],
    responses((status = 201, body = Pushed))
)]
pub(super) async fn push(
    State(api): State<Api>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, Json<Pushed>), ApiError> {
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
    Ok((
        StatusCode::CREATED,
        Json(Pushed {
            received: written.received,
            written: written.written,
        }),
    ))
}

fn json(body: Body) -> Response {
    (
        [(CONTENT_TYPE, HeaderValue::from_static("application/json"))],
        body,
    )
        .into_response()
}
