//! A page of frames.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::VARY;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::files;
use super::query::{Asked, ListQuery};
use super::subject::{Subject, find_subject};
use crate::api::extract::json_body::Parameters;
use crate::api::handlers::frame_json::FrameJson;
use crate::api::handlers::teams::TeamJson;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::Project;
use crate::store::Caller;

/// A page of frames.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Frames {
    frames: Vec<FrameJson>,
    meta: Meta,
}

/// The page and what it is about.
#[derive(Serialize, ToSchema)]
struct Meta {
    page: Page,
    /// The project named by `projectId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    project: Option<Project>,
    /// Present and empty if `projects` was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    projects: Option<Nothing>,
    /// The team named by `teamId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    team: Option<TeamJson>,
}

/// An empty object.
#[derive(Serialize, ToSchema)]
struct Nothing {}

/// The position of the page.
#[derive(Serialize, ToSchema)]
struct Page {
    /// The number of frames on all pages.
    count: u64,
    /// The most on a page.
    limit: u32,
    /// The next page's number, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<u64>,
    /// The previous page's number; the last page's if this one is beyond it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    prev: Option<u64>,
}

impl Page {
    fn new(count: u64, limit: u32, page: u64) -> Self {
        let pages = count.div_ceil(u64::from(limit)).max(1);
        Self {
            count,
            limit,
            next: (page < pages).then_some(page + 1),
            prev: (page > 1).then_some((page - 1).min(pages)),
        }
    }
}

/// Frames, newest first: the user's own, or those that the members of a team share.
///
/// A frame matches a range of days if it overlaps it. `Accept` selects a page in JSON or a file of
/// all matches: CSV, JSON Lines, iCalendar.
#[utoipa::path(get, path = "/frames", tag = "frames", operation_id = "list_frames",
    params(ListQuery), responses(
    (status = 200, content((Frames = "application/json"), (String = "text/csv"),
        (String = "application/jsonl"), (String = "application/x-ndjson"), (String = "text/calendar"))),
    (status = 404, description = "The user has no such project, or is not in such a team."),
    (status = 406, description = "None of these formats is acceptable to the client.")
))]
pub(in crate::api) async fn list(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Parameters(query): Parameters<ListQuery>,
) -> Response {
    let answer = match files::accepted(&headers) {
        Ok(None) => page(&api, &caller, query).await.map(Json::into_response),
        Ok(Some((format, media_type))) => {
            files::file(&api, &caller, query, format, media_type).await
        }
        Err(error) => Err(error),
    };
    ([(VARY, "accept")], answer).into_response()
}

async fn page(api: &Api, caller: &Caller, query: ListQuery) -> Result<Json<Frames>, HttpError> {
    let Asked {
        filter,
        limit,
        page,
        ..
    } = query.parse()?;
    let Subject {
        project,
        is_named,
        team,
    } = find_subject(api, caller, &filter.source).await?;
    let list = api.store.list_frames(&caller.user, &filter).await?;
    let frames = list.frames.into_iter().map(|(owner, frame)| match team {
        Some(_) => FrameJson::of_member(owner, frame),
        None => FrameJson::own(frame),
    });
    Ok(Json(Frames {
        frames: frames.collect::<Result<_, _>>()?,
        meta: Meta {
            page: Page::new(list.count.unsigned_abs(), limit, page),
            project,
            projects: is_named.then_some(Nothing {}),
            team,
        },
    }))
}
