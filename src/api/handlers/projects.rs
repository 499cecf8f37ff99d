//! Projects: list, rename, archive, delete.

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
    /// True: the archived projects. False: those in use.
    #[param(default = false)]
    archived: Option<bool>,
}

/// The user's projects in use, or the archived ones.
#[utoipa::path(get, path = "/projects", tag = "projects", operation_id = "list_projects",
    params(ListQuery),
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

/// A project of the user.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ProjectJson {
    id: Uuid,
    name: String,
    /// Whether it is archived.
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

/// Finds a project of the caller.
///
/// # Errors
/// 404 if there is none, in the first Crick's words.
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

/// Renders a failure about a project, with the first Crick's words for 404.
pub(in crate::api) fn refused(error: StoreError) -> HttpError {
    match error {
        StoreError::NotFound(_) => HttpError::NotFound("Project not found".to_owned()),
        other => other.into(),
    }
}

/// A project.
#[utoipa::path(get, path = "/projects/{id}", tag = "projects", operation_id = "show_project",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ProjectJson), (status = 404, description = "The user has no \
        such project."))
)]
pub(in crate::api) async fn get(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<ProjectJson>, HttpError> {
    Ok(Json(find(&api, &caller, id).await?.into()))
}

/// The changes, at least one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(min_properties = 1)]
pub(in crate::api) struct ChangeJson {
    /// The new name, also of the project's frames: devices receive them at their next sync.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 512, pattern = r"\S")]
    name: Option<String>,
    /// Whether it is archived.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    archived: Option<bool>,
}

/// A value that may be left out, but not be null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<Option<T>, D::Error> {
    T::deserialize(value).map(Some)
}

/// Renames, archives or restores a project. Projects are shared with teams by name, so a rename
/// ends the sharing of the old name and of the new one.
#[utoipa::path(patch, path = "/projects/{id}", tag = "projects", operation_id = "change_project",
    params(("id" = Uuid, Path)), request_body = ChangeJson, responses(
    (status = 200, body = ProjectJson),
    (status = 404, description = "The user has no such project."),
    (status = 409, description = "Another project has that name."),
    (status = 422, description = "The name is blank or contains NUL.")
))]
pub(in crate::api) async fn update(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    JsonBody(wanted): JsonBody<ChangeJson>,
) -> Result<Json<ProjectJson>, HttpError> {
    if wanted.name.is_none() && wanted.archived.is_none() {
        return Err(HttpError::BadRequest(
            "Nothing to change: set name, archived or both".to_owned(),
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

/// Whether to delete frames too.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct RemoveQuery {
    /// Set it to delete the project's frames too.
    #[param(inline)]
    frames: Option<WithFrames>,
}

/// What happens to the frames of a deleted project.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum WithFrames {
    Remove,
}

/// Deletes a project. Deleted frames stay deleted when a device pushes them unchanged.
#[utoipa::path(delete, path = "/projects/{id}", tag = "projects", operation_id = "remove_project",
    params(("id" = Uuid, Path), RemoveQuery), responses(
    (status = 204),
    (status = 404, description = "The user has no such project."),
    (status = 409, description = "It has frames, and `frames` is not set.")
))]
pub(in crate::api) async fn delete(
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
