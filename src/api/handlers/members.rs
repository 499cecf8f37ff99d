//! A membership: what a member shares, and its end by leaving the team or being removed from it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::teams::{Name, chosen};
use crate::api::extract::json_body::{Id, JsonBody, TwoIds};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::store::Caller;

/// What a member shares with a team.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Shared {
    /// The names of projects, in the team's order.
    projects: Vec<String>,
}

/// What the user shares with a team: those of the team's projects that they have agreed to share.
#[utoipa::path(get, path = "/teams/{id}/members/me", tag = "teams", params(("id" = Uuid, Path)), responses(
    (status = 200, body = Shared),
    (status = 404, description = "The user is a member of no such team.")
))]
pub(in crate::api) async fn shared(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Shared>, HttpError> {
    let projects = api.store.get_shares(&caller.user, id).await?;
    Ok(Json(Shared { projects }))
}

/// What a member agrees to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Share {
    /// Which of the team's projects the user shares from now on, and no others.
    #[schema(max_items = 256)]
    projects: Vec<Name>,
}

/// Changes what the user shares with a team, to more or to less. It takes no invitation, and answers one to share more.
#[utoipa::path(put, path = "/teams/{id}/members/me", tag = "teams", params(("id" = Uuid, Path)),
    request_body = Share, responses(
    (status = 200, body = Shared),
    (status = 404, description = "The user is a member of no such team."),
    (status = 422, description = "The team is not about such a project.")
))]
pub(in crate::api) async fn share(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    JsonBody(wanted): JsonBody<Share>,
) -> Result<Json<Shared>, HttpError> {
    let chosen = chosen(wanted.projects)?;
    let projects = api.store.update_shares(&caller.user, id, &chosen).await?;
    Ok(Json(Shared { projects }))
}

/// Leaves a team: from now on it sees nothing of the user's.
#[utoipa::path(delete, path = "/teams/{id}/members/me", tag = "teams",
    params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 404, description = "The user is a member of no such team."),
    (status = 409, description = "The user owns the team.")
))]
pub(in crate::api) async fn leave(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.leave_team(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes somebody from one's own team: from now on it sees nothing of theirs.
#[utoipa::path(delete, path = "/teams/{id}/members/{user_id}", tag = "teams", operation_id = "teams_remove_member",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)), responses(
    (status = 204),
    (status = 404, description = "The user is a member of no such team, or the other is not."),
    (status = 409, description = "The owner of a team cannot be removed.")
))]
pub(in crate::api) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    TwoIds(team, member): TwoIds,
) -> Result<StatusCode, HttpError> {
    api.store.remove_member(&caller.user, team, member).await?;
    Ok(StatusCode::NO_CONTENT)
}
