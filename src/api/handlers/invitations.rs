//! Invitations to a team, or to share more with one: first for the owner, then for the invited
//! user.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::teams::{MadeId, Name, TeamJson, chosen};
use super::users::PersonJson;
use crate::api::extract::json_body::{Id, JsonBody, OptionalJsonBody, TwoIds};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::store::{Caller, Invitation, Invited, TeamInvitation};

/// An invitation, as the owner of the team sees it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TeamInvitationJson {
    id: Uuid,
    /// The invited user; a member is asked to share more projects.
    user: PersonJson,
    created_at: Timestamp,
}

impl From<TeamInvitation> for TeamInvitationJson {
    fn from(invitation: TeamInvitation) -> Self {
        Self {
            id: invitation.id,
            user: invitation.user.into(),
            created_at: invitation.created_at,
        }
    }
}

/// Invitations to a team, oldest first.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct TeamInvitations {
    invitations: Vec<TeamInvitationJson>,
}

/// The pending invitations to a team of the user.
#[utoipa::path(get, path = "/teams/{id}/invitations", tag = "teams",
    operation_id = "teams_invitations",
    params(("id" = Uuid, Path)), responses(
    (status = 200, body = TeamInvitations),
    (status = 403, description = "Only the owner may do this."),
    (status = 404, description = "The user is not in such a team.")
))]
pub(in crate::api) async fn list_for_team(
    State(api): State<Api>,
    caller: Caller,
    Id(team): Id,
) -> Result<Json<TeamInvitations>, HttpError> {
    let invitations = api.store.list_team_invitations(&caller.user, team).await?;
    let invitations = invitations.into_iter().map(TeamInvitationJson::from);
    Ok(Json(TeamInvitations {
        invitations: invitations.collect(),
    }))
}

/// The user to invite.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Invitee {
    user_id: Uuid,
}

/// Invites a user to a team, or a member to share all its projects.
#[utoipa::path(post, path = "/teams/{id}/invitations", tag = "teams",
    params(("id" = Uuid, Path)), request_body = Invitee, responses(
    (status = 201, body = MadeId),
    (status = 200, body = MadeId, description = "They already have this invitation."),
    (status = 403, description = "Only the owner may do this."),
    (status = 404, description = "The user is not in such a team."),
    (status = 409, description = "They are a member who shares all projects."),
    (status = 422, description = "No such user, too many people for one team, or twenty \
        invitations of the user are pending for this person.")
))]
pub(in crate::api) async fn invite(
    State(api): State<Api>,
    caller: Caller,
    Id(team): Id,
    JsonBody(Invitee { user_id }): JsonBody<Invitee>,
) -> Result<(StatusCode, Json<MadeId>), HttpError> {
    let (status, id) = match api
        .store
        .create_invitation(&caller.user, team, user_id)
        .await?
    {
        Invited::Now(id) => (StatusCode::CREATED, id),
        Invited::Before(id) => (StatusCode::OK, id),
    };
    Ok((status, Json(MadeId { id })))
}

/// Cancels an invitation.
#[utoipa::path(delete, path = "/teams/{id}/invitations/{invitation_id}", tag = "teams",
    params(("id" = Uuid, Path), ("invitation_id" = Uuid, Path)), responses(
    (status = 204),
    (status = 403, description = "Only the owner may do this."),
    (status = 404, description = "The user is not in such a team, or it has no such invitation.")
))]
pub(in crate::api) async fn withdraw(
    State(api): State<Api>,
    caller: Caller,
    TwoIds(team, id): TwoIds,
) -> Result<StatusCode, HttpError> {
    api.store.revoke_invitation(&caller.user, team, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The team of an invitation, with its owner.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct InvitingTeam {
    id: Uuid,
    name: String,
    /// Who invites.
    owner: PersonJson,
    /// What would be shared: the user's projects with these names.
    projects: Vec<String>,
    /// Who would see it: the members by login, with the owner.
    users: Vec<PersonJson>,
}

/// An invitation, as the invited user sees it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct InvitationJson {
    id: Uuid,
    team: InvitingTeam,
    created_at: Timestamp,
}

impl From<Invitation> for InvitationJson {
    fn from(invitation: Invitation) -> Self {
        let team = invitation.team;
        Self {
            id: invitation.id,
            team: InvitingTeam {
                id: team.id,
                name: team.name,
                owner: invitation.owner.into(),
                projects: team.projects,
                users: team.users.into_iter().map(PersonJson::from).collect(),
            },
            created_at: invitation.created_at,
        }
    }
}

/// Invitations, oldest first.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Invitations {
    invitations: Vec<InvitationJson>,
}

/// The user's own invitations.
#[utoipa::path(get, path = "/users/me/invitations", tag = "teams",
    operation_id = "teams_my_invitations", responses(
    (status = 200, body = Invitations)
))]
pub(in crate::api) async fn list_mine(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Invitations>, HttpError> {
    let invitations = api.store.list_invitations(&caller.user).await?;
    let invitations = invitations.into_iter().map(InvitationJson::from);
    Ok(Json(Invitations {
        invitations: invitations.collect(),
    }))
}

/// What the user shares.
// Unknown keys are refused: a list under a misspelled key would be consent to everything.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Consent {
    /// The projects that the user shares from now on, and no others; by default all of the team's.
    #[schema(max_items = 256)]
    projects: Option<Vec<Name>>,
}

/// Joins the team and shares projects with it, by default all of the team's. For a member it
/// changes what they share. When a team changes its list of projects, new invitations replace the
/// pending ones.
#[utoipa::path(post, path = "/users/me/invitations/{id}/accept", tag = "teams",
    params(("id" = Uuid, Path)), request_body = Option<Consent>, responses(
    (status = 200, body = TeamJson),
    (status = 404, description = "The user has no such invitation."),
    (status = 422, description = "The team has no such project.")
))]
pub(in crate::api) async fn accept(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalJsonBody(consent): OptionalJsonBody<Consent>,
) -> Result<Json<TeamJson>, HttpError> {
    let wanted = consent.and_then(|consent| consent.projects);
    let chosen = wanted.map(chosen).transpose()?;
    let accepting = api
        .store
        .accept_invitation(&caller.user, id, chosen.as_deref());
    Ok(Json(accepting.await?.into()))
}

/// Declines an invitation. A member stays a member and shares the same projects.
#[utoipa::path(delete, path = "/users/me/invitations/{id}", tag = "teams", params(("id" = Uuid,
    Path)), responses(
    (status = 204), (status = 404, description = "The user has no such invitation.")
))]
pub(in crate::api) async fn decline(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.decline_invitation(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
