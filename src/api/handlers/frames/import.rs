//! Frames out of a file: what was taken of it, and what was not, line by line.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::extract::body;
use crate::api::extract::dates::Zone;
use crate::api::extract::json_body::Parameters;
use crate::api::state::Api;
use crate::formats;
use crate::formats::{ImportFormat, Refusal};
use crate::http::HttpError;
use crate::metrics;
use crate::store::{Caller, Imported};

/// The most frames of one import: with them in memory the server stays small enough for a small machine.
const MOST: usize = 250_000;

/// How to read the file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ImportQuery {
    /// Only tell what would happen, and write nothing.
    #[serde(default)]
    #[param(default = false)]
    dry_run: bool,
    /// The time zone of the instants in a CSV file that name none, by its IANA name; UTC when left out.
    #[param(value_type = Option<String>, pattern = r"^[A-Za-z][A-Za-z0-9_+/-]*$", example = "Europe/Paris")]
    tz: Option<Zone>,
}

/// What became of the frames in a file.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Report {
    /// New ones.
    taken: u64,
    /// Those that were there in another shape: the file's counts.
    changed: u64,
    /// Those that were there already.
    unchanged: u64,
    /// Those that were removed here and are the same in the file: they stay removed.
    removed: u64,
    /// Those that are not in order, or whose id stands on a later line once more.
    refused: u64,
    /// The first 100 of the refused.
    #[schema(max_items = 100)]
    refusals: Vec<RefusalJson>,
}

/// A line that was refused.
#[derive(Serialize, ToSchema)]
struct RefusalJson {
    /// Counted from 1; in Watson's file, the place in the list.
    line: u64,
    /// Why.
    reason: String,
}

impl From<Refusal> for RefusalJson {
    fn from(Refusal { line, reason }: Refusal) -> Self {
        Self { line, reason }
    }
}

/// The format that the `Content-Type` names, its parameters left alone: a file that is not UTF-8 is
/// refused anyway.
fn format_of(headers: &HeaderMap) -> Result<ImportFormat, HttpError> {
    let named = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = named
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    match essence.trim().to_ascii_lowercase().as_str() {
        "application/json" => Ok(ImportFormat::Watson),
        "text/csv" => Ok(ImportFormat::Csv),
        "application/jsonl" | "application/x-ndjson" => Ok(ImportFormat::JsonLines),
        _ => Err(HttpError::UnknownFormat),
    }
}

/// Takes the frames of a file: Watson's own `frames`, CSV or JSON lines as they are exported, or CSV from elsewhere.
///
/// Good frames are taken in one transaction, bad ones refused line by line. A frame without an id gets one that is made
/// of its content, so that the same file a second time changes nothing. A frame that is there in another shape is replaced.
#[utoipa::path(post, path = "/frames/import", tag = "frames", operation_id = "import_frames", params(ImportQuery),
    request_body(description = "In CSV the columns `start`, `end` and `project` are needed.", content(
        (Vec<Vec<serde_json::Value>> = "application/json"), (String = "text/csv"), (String = "application/jsonl"),
        (String = "application/x-ndjson"))),
    responses(
        (status = 200, body = Report),
        (status = 400, description = "The file is not of this format at all; nothing was taken."),
        (status = 415, description = "A format that is not understood."),
        (status = 422, description = "There are more than 250,000 frames in it; nothing was taken.")
    )
)]
pub(in crate::api) async fn import(
    State(api): State<Api>,
    caller: Caller,
    Parameters(query): Parameters<ImportQuery>,
    request: Request,
) -> Result<Json<Report>, HttpError> {
    let format = format_of(request.headers())?;
    let zone = query.tz.map_or(TimeZone::UTC, |Zone(zone)| zone);
    let body = body::read(request, api.bulk_body_limit).await?;
    // Reading a large file takes long enough to keep other requests of this thread waiting.
    let read = move || {
        let mut reading = format.read(formats::decode(&body)?, &zone)?;
        let same = reading.keep_last_of_each_id();
        Ok::<_, HttpError>((reading, same))
    };
    let (reading, same) = tokio::task::spawn_blocking(read)
        .await
        .map_err(|_| HttpError::Internal)??;
    if reading.frames.len() > MOST {
        return Err(HttpError::Unprocessable(format!(
            "the file has more than {MOST} frames; send it in parts"
        )));
    }
    let frames = reading.frames.into_iter().map(|(_, frame)| frame).collect();
    let imported = api.store.import_frames(&caller.user, frames, query.dry_run);
    let Imported {
        taken,
        changed,
        unchanged,
        removed,
    } = imported.await?;
    if !query.dry_run {
        metrics::frames_written(taken + changed);
    }
    Ok(Json(Report {
        taken,
        changed,
        unchanged: unchanged + same,
        removed,
        refused: reading.refused,
        refusals: reading
            .refusals
            .into_iter()
            .map(RefusalJson::from)
            .collect(),
    }))
}
