//! What a user tracks time on: listed, renamed, put away, removed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api::extract::json_body::{Id, JsonBody, Parameters};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::{Project, ProjectName};
use crate::store::{Caller, OwnProject, ProjectChange, StoreError};

/// Projects by name.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Projects {
    pub(in crate::api) projects: Vec<Project>,
}

/// Which projects.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct ListQuery {
    /// False, as when left out: those in use. True: those put away.
    #[param(default = false)]
    archived: Option<bool>,
}

/// The user's projects that are in use, or those put away.
#[utoipa::path(get, path = "/projects", tag = "projects", operation_id = "list_projects", params(ListQuery),
    responses((status = 200, body = Projects))
)]
pub(in crate::api) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Parameters(ListQuery { archived }): Parameters<ListQuery>,
) -> Result<Json<Projects>, HttpError> {
    let projects = api
        .store
        .list_projects(&caller.user, archived.unwrap_or(false));
    Ok(Json(Projects {
        projects: projects.await?,
    }))
}

/// A project as its owner sees it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ProjectJson {
    id: Uuid,
    name: String,
    /// Whether it was put away: it is not listed with those in use.
    archived: bool,
}

impl From<OwnProject> for ProjectJson {
    fn from(OwnProject { project, archived }: OwnProject) -> Self {
        Self {
            id: project.id,
            name: project.name,
            archived,
        }
    }
}

/// A project of the caller's.
///
/// # Errors
/// 404 when it is none, in the first Crick's words.
pub(in crate::api) async fn find(
    api: &Api,
    caller: &Caller,
    id: Uuid,
) -> Result<OwnProject, HttpError> {
    api.store
        .get_project(&caller.user, id)
        .await
        .map_err(refused)
}

/// A store's failure about a project, with its 404 in the first Crick's words.
pub(in crate::api) fn refused(error: StoreError) -> HttpError {
    match error {
        StoreError::NotFound(_) => HttpError::NotFound("Project not found".to_owned()),
        other => other.into(),
    }
}

/// A project.
#[utoipa::path(get, path = "/projects/{id}", tag = "projects", operation_id = "show_project", params(("id" = Uuid, Path)),
    responses((status = 200, body = ProjectJson), (status = 404, description = "The user has no such project."))
)]
pub(in crate::api) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<ProjectJson>, HttpError> {
    Ok(Json(find(&api, &caller, id).await?.into()))
}

/// What to change; at least one thing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub(in crate::api) struct ChangeJson {
    /// Another name, which all the project's frames take: devices are sent them at their next sync.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 512, pattern = r"\S")]
    name: Option<String>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

/// A value that may be left out, but not be null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Renames a project, puts it away, or takes it up again. A project is shared with a team by its name, so a rename ends
/// that, and any consent to share a project of the new name.
#[utoipa::path(patch, path = "/projects/{id}", tag = "projects", operation_id = "change_project",
    params(("id" = Uuid, Path)), request_body = ChangeJson, responses(
    (status = 200, body = ProjectJson),
    (status = 404, description = "The user has no such project."),
    (status = 409, description = "Another project has that name."),
    (status = 422, description = "The name is blank or holds the character NUL.")
))]
pub(in crate::api) async fn change(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    JsonBody(wanted): JsonBody<ChangeJson>,
) -> Result<Json<ProjectJson>, HttpError> {
    if wanted.name.is_none() && wanted.archived.is_none() {
        return Err(HttpError::BadRequest(
            "there is nothing to change: give name, archived or both".to_owned(),
        ));
    }
    let name = wanted.name.map(ProjectName::new).transpose();
    let change = ProjectChange {
        name: name.map_err(|error| HttpError::Unprocessable(error.to_string()))?,
        archived: wanted.archived,
    };
    let project = api.store.update_project(&caller.user, id, change).await;
    Ok(Json(project.map_err(refused)?.into()))
}

/// What else to remove.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct RemoveQuery {
    /// Given: the project's frames too.
    #[param(inline)]
    frames: Option<WithFrames>,
}

/// The one thing that can be done with the frames of a project that is removed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum WithFrames {
    Remove,
}

/// Removes a project. Removed frames stay removed when a device pushes them unchanged.
#[utoipa::path(delete, path = "/projects/{id}", tag = "projects", operation_id = "remove_project",
    params(("id" = Uuid, Path), RemoveQuery), responses(
    (status = 204),
    (status = 404, description = "The user has no such project."),
    (status = 409, description = "It has frames, and they were not to be removed.")
))]
pub(in crate::api) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    Parameters(RemoveQuery { frames }): Parameters<RemoveQuery>,
) -> Result<StatusCode, HttpError> {
    let with_frames = matches!(frames, Some(WithFrames::Remove));
    let removed = api.store.delete_project(&caller.user, id, with_frames);
    removed.await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}
