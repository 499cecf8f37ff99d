//! Frames as files: CSV, JSON Lines and iCalendar, by suffix or by `Accept`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::query::{Asked, ListQuery};
use super::subject::{Subject, find_subject};
use crate::api::extract::accept;
use crate::api::extract::json_body::Parameters;
use crate::api::state::Api;
use crate::formats::{Format, Writer};
use crate::http::HttpError;
use crate::http::frame_file;
use crate::store::Caller;

/// The media types of a list of frames, in order of preference.
const OFFERS: [(&str, Option<(Format, &str)>); 5] = [
    ("application/json", None),
    ("text/csv", Some((Format::Csv, CSV))),
    (JSON_LINES, Some((Format::JsonLines, JSON_LINES))),
    (
        "application/x-ndjson",
        Some((Format::JsonLines, "application/x-ndjson")),
    ),
    ("text/calendar", Some((Format::Calendar, CALENDAR))),
];
const CSV: &str = "text/csv; charset=utf-8; header=present";
const JSON_LINES: &str = "application/jsonl";
const CALENDAR: &str = "text/calendar; charset=utf-8";

/// The format that a client accepts, and its media type; `None` for a page in JSON.
///
/// # Errors
/// 406 if it accepts none of them.
pub(super) fn accepted(headers: &HeaderMap) -> Result<Option<(Format, &'static str)>, HttpError> {
    let names = OFFERS.map(|(name, _)| name);
    match accept::choose(headers, &names) {
        Some(at) => Ok(OFFERS[at].1),
        None => Err(HttpError::NotAcceptable(names.join(", "))),
    }
}

/// All frames of a query as a file; with `limit` or `page`, that page.
pub(super) async fn file(
    api: &Api,
    caller: &Caller,
    query: ListQuery,
    format: Format,
    media_type: &'static str,
) -> Result<Response, HttpError> {
    let Asked {
        mut filter,
        is_page,
        zone,
        ..
    } = query.parse()?;
    if !is_page {
        filter.limit = i64::MAX;
    }
    let Subject { project, team, .. } = find_subject(api, caller, &filter.source).await?;
    let name = match (&team, project) {
        (Some(team), _) => team.name().to_owned(),
        (None, Some(project)) => project.name,
        (None, None) => caller.user.login().to_owned(),
    };
    let writer = Writer {
        format,
        zone,
        is_of_team: team.is_some(),
        name,
        is_feed: false,
    };
    let pieces = frame_file::pieces(&api.store, &caller.user, filter, writer);
    Ok(frame_file::download(
        frame_file::body(pieces).await?,
        format,
        media_type,
    ))
}

/// Frames as CSV (RFC 4180), newest first: all that match, or a page of them.
///
/// The columns are `id`, `start` and `end` in `tz`, `seconds`, `project`, `tags` and, in a team's,
/// `member`.
#[utoipa::path(get, path = "/frames.csv", tag = "frames", operation_id = "frames_csv",
    params(ListQuery), responses(
    (status = 200, body = String, content_type = "text/csv"),
    (status = 404, description = "The user has no such project, or is not in such a team.")
))]
pub(in crate::api) async fn csv(
    State(api): State<Api>,
    caller: Caller,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, HttpError> {
    file(&api, &caller, query, Format::Csv, CSV).await
}

/// Frames as JSON Lines, newest first: all that match, or a page of them.
#[utoipa::path(get, path = "/frames.jsonl", tag = "frames", operation_id = "frames_jsonl",
    params(ListQuery), responses(
    (status = 200, body = String, content_type = "application/jsonl"),
    (status = 404, description = "The user has no such project, or is not in such a team.")
))]
pub(in crate::api) async fn jsonl(
    State(api): State<Api>,
    caller: Caller,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, HttpError> {
    file(&api, &caller, query, Format::JsonLines, JSON_LINES).await
}

/// Frames as a calendar (RFC 5545), newest first: all that match, or a page of them.
#[utoipa::path(get, path = "/frames.ics", tag = "frames", operation_id = "frames_ics",
    params(ListQuery), responses(
    (status = 200, body = String, content_type = "text/calendar"),
    (status = 404, description = "The user has no such project, or is not in such a team.")
))]
pub(in crate::api) async fn ics(
    State(api): State<Api>,
    caller: Caller,
    Parameters(query): Parameters<ListQuery>,
) -> Result<Response, HttpError> {
    file(&api, &caller, query, Format::Calendar, CALENDAR).await
}
