//! Teams. For a non-member a team is 404, whether it exists or not; what only the owner may do is
//! 403 for the other members.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::users::PersonJson;
use crate::api::extract::json_body::{Id, JsonBody};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::{MOST_TEAM_PROJECTS, TeamPlan};
use crate::store::{Caller, Team};

/// A team, as each of its members sees it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TeamJson {
    id: Uuid,
    name: String,
    /// The names of its projects, in the owner's order.
    projects: Vec<String>,
    owner_id: Uuid,
    /// The members by login, with the owner.
    users: Vec<PersonJson>,
}

impl TeamJson {
    /// The team's name.
    pub(in crate::api) fn name(&self) -> &str {
        &self.name
    }
}

impl From<Team> for TeamJson {
    fn from(team: Team) -> Self {
        Self {
            id: team.id,
            name: team.name,
            projects: team.projects,
            owner_id: team.owner_id,
            users: team.users.into_iter().map(PersonJson::from).collect(),
        }
    }
}

/// Teams by name.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Teams {
    teams: Vec<TeamJson>,
}

/// The name of a team or a project: not blank, without NUL, compared exactly.
#[derive(Deserialize, ToSchema)]
#[schema(
    min_length = 1,
    max_length = 512,
    pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
)]
pub(in crate::api) struct Name(pub(in crate::api) String);

/// The team to create.
// The first Crick's clients send a team as they received it: its read-only keys are ignored.
// Unknown keys are refused: a list under a misspelled key would empty the team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewTeam {
    name: Name,
    /// The names of its projects. Default: none.
    #[schema(max_items = 256)]
    projects: Option<Vec<Name>>,
    /// The users to invite. Default: none. The user is a member anyway.
    #[schema(max_items = 100)]
    user_ids: Option<Vec<Uuid>>,
    #[serde(default, rename = "id")]
    #[schema(ignore)]
    _id: IgnoredAny,
    #[serde(default, rename = "owner_id")]
    #[schema(ignore)]
    _owner_id: IgnoredAny,
    #[serde(default, rename = "users")]
    #[schema(ignore)]
    _users: IgnoredAny,
}

/// The new state of a team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ChangedTeam {
    /// The id in the address.
    id: Uuid,
    name: Name,
    /// The names of its projects. Default: none.
    #[schema(max_items = 256)]
    projects: Option<Vec<Name>>,
    /// The members: others are removed, new ones are invited. Default: none. The owner stays.
    #[schema(max_items = 100)]
    user_ids: Option<Vec<Uuid>>,
    #[serde(default, rename = "owner_id")]
    #[schema(ignore)]
    _owner_id: IgnoredAny,
    #[serde(default, rename = "users")]
    #[schema(ignore)]
    _users: IgnoredAny,
}

/// The id of what was created.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct MadeId {
    pub(in crate::api) id: Uuid,
}

fn plan(
    name: Name,
    projects: Option<Vec<Name>>,
    user_ids: Option<Vec<Uuid>>,
) -> Result<TeamPlan, HttpError> {
    let projects = projects.unwrap_or_default().into_iter();
    let user_ids = user_ids.unwrap_or_default();
    let projects = projects.map(|name| name.0).collect();
    Ok(TeamPlan::new(name.0, projects, Some(user_ids))?)
}

/// The project names of a request, at most as many as a team has.
pub(in crate::api) fn chosen(names: Vec<Name>) -> Result<Vec<String>, HttpError> {
    if names.len() > MOST_TEAM_PROJECTS {
        return Err(HttpError::BadRequest(format!(
            "Invalid projects: at most {MOST_TEAM_PROJECTS} names are allowed"
        )));
    }
    Ok(names.into_iter().map(|name| name.0).collect())
}

/// The teams of the user.
#[utoipa::path(get, path = "/teams", tag = "teams", responses(
    (status = 200, body = Teams)
))]
pub(in crate::api) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Teams>, HttpError> {
    let teams = api.store.list_teams(&caller.user).await?;
    Ok(Json(Teams {
        teams: teams.into_iter().map(TeamJson::from).collect(),
    }))
}

/// A team of the user.
#[utoipa::path(get, path = "/teams/{id}", tag = "teams", operation_id = "show",
    params(("id" = Uuid, Path)), responses(
    (status = 200, body = TeamJson), (status = 404, description = "The user is not in such a team.")
))]
pub(in crate::api) async fn get(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<TeamJson>, HttpError> {
    let team = api.store.get_team(&caller.user, id).await?;
    Ok(Json(team.into()))
}

/// Creates a team that the user owns. Others join by accepting their invitations. The user's
/// projects with the listed names are shared with everyone who joins.
#[utoipa::path(post, path = "/teams", tag = "teams", request_body = NewTeam, responses(
    (status = 201, body = MadeId),
    (status = 409, description = "The user owns a team of this name."),
    (status = 422, description = "No such user, too many people for one team, the user owns a \
        hundred teams, or twenty of their invitations are pending for one person.")
))]
pub(in crate::api) async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(wanted): JsonBody<NewTeam>,
) -> Result<(StatusCode, Json<MadeId>), HttpError> {
    let plan = plan(wanted.name, wanted.projects, wanted.user_ids)?;
    let id = api.store.create_team(&caller.user, &plan).await?;
    Ok((StatusCode::CREATED, Json(MadeId { id })))
}

/// Updates a team. Projects that are no longer listed stop being shared; a new one is shared by the
/// owner, and the other members are invited to share it. Pending invitations get a new id when the
/// projects change.
// The first Crick returned 403 to non-members too, which revealed that the team exists.
#[utoipa::path(put, path = "/teams/{id}", tag = "teams", operation_id = "replace",
    params(("id" = Uuid, Path)),
    request_body = ChangedTeam, responses(
    (status = 200, body = TeamJson),
    (status = 403, description = "Only the owner may do this."),
    (status = 404, description = "The user is not in such a team."),
    (status = 409, description = "The user owns another team of this name."),
    (status = 422, description = "No such user, too many people for one team, or twenty \
        invitations of the user are pending for one person.")
))]
pub(in crate::api) async fn update(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    JsonBody(wanted): JsonBody<ChangedTeam>,
) -> Result<Json<TeamJson>, HttpError> {
    let plan = plan(wanted.name, wanted.projects, wanted.user_ids)?;
    if wanted.id != id {
        // 404 takes precedence over what the body says.
        api.store.get_team(&caller.user, id).await?;
        return Err(HttpError::BadRequest(
            "The id of the body differs from the one in the address".to_owned(),
        ));
    }
    let team = api.store.update_team(&caller.user, id, &plan).await?;
    Ok(Json(team.into()))
}

/// Deletes a team, and ends all sharing with it.
#[utoipa::path(delete, path = "/teams/{id}", tag = "teams", operation_id = "remove",
    params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 403, description = "Only the owner may do this."),
    (status = 404, description = "The user is not in such a team.")
))]
pub(in crate::api) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.delete_team(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
