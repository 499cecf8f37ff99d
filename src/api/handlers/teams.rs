//! Teams. One that the user is no member of is 404, whether it exists or not; what only the owner may do is 403 for the
//! other members.

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
    /// The names of the projects it is about, in the owner's order.
    projects: Vec<String>,
    owner_id: Uuid,
    /// The members by login, the owner among them.
    users: Vec<PersonJson>,
}

impl TeamJson {
    /// What its owner calls it.
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

/// What a team or a project is called: not blank, without NUL, compared exactly.
#[derive(Deserialize, ToSchema)]
#[schema(
    min_length = 1,
    max_length = 512,
    pattern = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"
)]
pub(in crate::api) struct Name(pub(in crate::api) String);

/// The team to make.
// The first Crick's clients send a team as they were shown it: of its own keys, what is not theirs to say is ignored. Any
// other key is a mistake, and a list that was meant and is missing would empty the team.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewTeam {
    name: Name,
    /// The names of the projects it is about; none when left out.
    #[schema(max_items = 256)]
    projects: Option<Vec<Name>>,
    /// Who is invited; nobody when left out. The user is a member anyway.
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

/// What a team shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ChangedTeam {
    /// The same as in the address.
    id: Uuid,
    name: Name,
    /// The names of the projects it is about; none when left out.
    #[schema(max_items = 256)]
    projects: Option<Vec<Name>>,
    /// Members who are not among these are removed, and those among these who are no members are invited; nobody when
    /// left out. The owner stays.
    #[schema(max_items = 100)]
    user_ids: Option<Vec<Uuid>>,
    #[serde(default, rename = "owner_id")]
    #[schema(ignore)]
    _owner_id: IgnoredAny,
    #[serde(default, rename = "users")]
    #[schema(ignore)]
    _users: IgnoredAny,
}

/// What something that was just made is called.
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

/// The projects that a person chooses among a team's.
pub(in crate::api) fn chosen(names: Vec<Name>) -> Result<Vec<String>, HttpError> {
    if names.len() > MOST_TEAM_PROJECTS {
        return Err(HttpError::BadRequest(format!(
            "projects names at most {MOST_TEAM_PROJECTS} projects"
        )));
    }
    Ok(names.into_iter().map(|name| name.0).collect())
}

/// The teams the user is a member of.
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

/// A team the user is a member of.
#[utoipa::path(get, path = "/teams/{id}", tag = "teams", params(("id" = Uuid, Path)), responses(
    (status = 200, body = TeamJson), (status = 404, description = "The user is a member of no such team.")
))]
pub(in crate::api) async fn show(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<TeamJson>, HttpError> {
    let team = api.store.get_team(&caller.user, id).await?;
    Ok(Json(team.into()))
}

/// Makes a team of which the user is the owner and, until others accept their invitations, the only member. The user's
/// projects of the listed names are shared with whoever joins.
#[utoipa::path(post, path = "/teams", tag = "teams", request_body = NewTeam, responses(
    (status = 201, body = MadeId),
    (status = 409, description = "The user owns a team of this name."),
    (status = 422, description = "There is no such user, these are too many people for one team, the user owns a \
                                  hundred teams, or somebody has not answered twenty of their invitations.")
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

/// Changes one's own team. Projects that are no longer listed are not shared from now on; a new one is shared by the
/// owner, and the other members are invited to share it. Invitations get a new id when other projects are listed.
// The first Crick answered 403 to strangers too, which told them that the team exists.
#[utoipa::path(put, path = "/teams/{id}", tag = "teams", params(("id" = Uuid, Path)),
    request_body = ChangedTeam, responses(
    (status = 200, body = TeamJson),
    (status = 403, description = "The user is a member, not the owner."),
    (status = 404, description = "The user is a member of no such team."),
    (status = 409, description = "The user owns another team of this name."),
    (status = 422, description = "There is no such user, these are too many people for one team, or somebody has not \
                                  answered twenty of the user's invitations.")
))]
pub(in crate::api) async fn replace(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    JsonBody(wanted): JsonBody<ChangedTeam>,
) -> Result<Json<TeamJson>, HttpError> {
    let plan = plan(wanted.name, wanted.projects, wanted.user_ids)?;
    if wanted.id != id {
        // What is not there is 404 first, whatever the body says.
        api.store.get_team(&caller.user, id).await?;
        return Err(HttpError::BadRequest(
            "the body's id is not the one in the address".to_owned(),
        ));
    }
    let team = api.store.update_team(&caller.user, id, &plan).await?;
    Ok(Json(team.into()))
}

/// Ends one's own team, with all that was shared with it.
#[utoipa::path(delete, path = "/teams/{id}", tag = "teams", params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 403, description = "The user is a member, not the owner."),
    (status = 404, description = "The user is a member of no such team.")
))]
pub(in crate::api) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.delete_team(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
