//! What a user tracks time on.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, ApiError};
use crate::model::Project;
use crate::store::Caller;

/// Projects by name.
#[derive(Serialize, ToSchema)]
pub(super) struct Projects {
    projects: Vec<Project>,
}

/// The user's projects.
#[utoipa::path(get, path = "/projects", tag = "projects", responses((status = 200, body = Projects)))]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Projects>, ApiError> {
    let projects = api.store.projects(&caller.user).await?;
    Ok(Json(Projects { projects }))
}
