//! A page of frames, with what it is a page of.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::VARY;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::files;
use super::query::{Asked, ListQuery};
use crate::api::extract::json_body::Parameters;
use crate::api::handlers::frame_json::FrameJson;
use crate::api::handlers::projects;
use crate::api::handlers::teams::TeamJson;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::Project;
use crate::store::{Caller, FrameSource, StoreError};

/// A page of frames.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Frames {
    frames: Vec<FrameJson>,
    meta: Meta,
}

/// What the frames are a page of.
#[derive(Serialize, ToSchema)]
struct Meta {
    page: Page,
    /// The project named by `projectId`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    project: Option<Project>,
    /// Empty, and there when `projects` was given.
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

/// Where the page lies.
#[derive(Serialize, ToSchema)]
struct Page {
    /// How many frames there are on all pages.
    count: u64,
    /// The most on a page.
    limit: u32,
    /// The next page's number, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<u64>,
    /// The number of the page before; of the last page, when this one lies beyond it.
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

/// Frames, newest first: the user's own, or those that a team's members share with it.
///
/// A frame counts for a range of days when it overlaps it, also over midnight. By `Accept` it is a page in JSON, or a file
/// of all that match: CSV, JSON lines, a calendar.
#[utoipa::path(get, path = "/frames", tag = "frames", operation_id = "list_frames", params(ListQuery), responses(
    (status = 200, content((Frames = "application/json"), (String = "text/csv"), (String = "application/jsonl"),
        (String = "application/x-ndjson"), (String = "text/calendar"))),
    (status = 404, description = "The user has no such project, or is in no such team."),
    (status = 406, description = "The client accepts none of these formats.")
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

/// What a list of frames is about.
#[derive(Default)]
pub(super) struct Subject {
    /// The project that was named by its id.
    pub(super) project: Option<Project>,
    /// Whether projects were named.
    is_named: bool,
    /// The team that was named.
    pub(super) team: Option<TeamJson>,
}

/// What the caller has named, or 404.
pub(super) async fn find_subject(
    api: &Api,
    caller: &Caller,
    source: &FrameSource,
) -> Result<Subject, HttpError> {
    let mut subject = Subject::default();
    match source {
        FrameSource::Own(projects) => subject.is_named = !projects.is_empty(),
        FrameSource::Project(id) => {
            subject.project = Some(projects::find(api, caller, *id).await?.project)
        }
        FrameSource::Team(id, projects) => {
            subject.is_named = !projects.is_empty();
            subject.team = Some(find_team(api, caller, *id).await?);
        }
    }
    Ok(subject)
}

/// A team that the caller is in.
async fn find_team(api: &Api, caller: &Caller, id: Uuid) -> Result<TeamJson, HttpError> {
    let team = api.store.get_team(&caller.user, id).await;
    team.map(TeamJson::from).map_err(|error| match error {
        StoreError::NotFound(_) => HttpError::NotFound("Team not found".to_owned()),
        other => other.into(),
    })
}
