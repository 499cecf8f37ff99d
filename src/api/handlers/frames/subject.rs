//! What a list or a file of frames is about.

use uuid::Uuid;

use crate::api::handlers::projects;
use crate::api::handlers::teams::TeamJson;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::Project;
use crate::store::{Caller, FrameSource, StoreError};

/// The project or the team that a list of frames belongs to.
#[derive(Default)]
pub(super) struct Subject {
    /// The project that was named by its id.
    pub(super) project: Option<Project>,
    /// Whether projects were named.
    pub(super) is_named: bool,
    /// The team that was named.
    pub(super) team: Option<TeamJson>,
}

/// Finds the named project or team.
///
/// # Errors
/// 404 if the caller has no such project, or is in no such team.
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
