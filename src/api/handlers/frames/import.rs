//! Imports frames from a file, and reports refused ones line by line.

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

/// The most frames of one import, because they are held in memory.
const MOST: usize = 250_000;

/// How to read the file.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ImportQuery {
    /// Report what would happen, and write nothing.
    #[serde(default)]
    #[param(default = false)]
    dry_run: bool,
    /// The time zone of instants in a CSV file without one, by its IANA name. Default: UTC.
    #[param(value_type = Option<String>, pattern = r"^[A-Za-z][A-Za-z0-9_+/-]*$", example = "Europe/Paris")]
    tz: Option<Zone>,
}

/// The outcome of an import.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Report {
    /// New frames.
    taken: u64,
    /// Existing frames that were replaced by the file's.
    changed: u64,
    /// Identical frames.
    unchanged: u64,
    /// Deleted frames that are unchanged in the file: they stay deleted.
    removed: u64,
    /// Invalid frames, and frames whose id is repeated on a later line.
    refused: u64,
    /// The first 100 refused ones.
    #[schema(max_items = 100)]
    refusals: Vec<RefusalJson>,
}

/// A line that was refused.
#[derive(Serialize, ToSchema)]
struct RefusalJson {
    /// From 1; in Watson's file, the position in the list.
    line: u64,
    /// Why.
    reason: String,
}

impl From<Refusal> for RefusalJson {
    fn from(Refusal { line, reason }: Refusal) -> Self {
        Self { line, reason }
    }
}

/// The format of the `Content-Type`. Its parameters are ignored: a file that is not UTF-8 is
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

/// Imports a file: Watson's own `frames`, exported CSV or JSON Lines, or other CSV.
///
/// Valid frames are imported in one transaction, invalid ones are reported by line. A frame without
/// an id gets one derived from its content, so that importing the file again changes nothing. An
/// existing frame that differs is replaced.
#[utoipa::path(post, path = "/frames/import", tag = "frames", operation_id = "import_frames",
    params(ImportQuery),
    request_body(description = "CSV requires the columns `start`, `end` and `project`.", content(
        (Vec<Vec<serde_json::Value>> = "application/json"), (String = "text/csv"),
        (String = "application/jsonl"), (String = "application/x-ndjson"))),
    responses(
        (status = 200, body = Report),
        (status = 400, description = "The file is not in this format; nothing was imported."),
        (status = 415, description = "Unsupported format."),
        (status = 422, description = "It has more than 250,000 frames; nothing was imported.")
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
    // Parsing a large file would block the other requests of this thread.
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
            "The file has more than {MOST} frames; send it in parts"
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
