//! Memberships: what a member shares, leaving a team, and removing a member.

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

/// The projects that the user shares with a team.
#[utoipa::path(get, path = "/teams/{id}/members/me", tag = "teams", operation_id = "shared",
    params(("id" = Uuid, Path)), responses(
    (status = 200, body = Shared),
    (status = 404, description = "The user is not in such a team.")
))]
pub(in crate::api) async fn list_shared(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Shared>, HttpError> {
    let projects = api.store.get_shares(&caller.user, id).await?;
    Ok(Json(Shared { projects }))
}

/// What a member shares.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Share {
    /// The projects that the user shares from now on, and no others.
    #[schema(max_items = 256)]
    projects: Vec<Name>,
}

/// Changes what the user shares with a team. No invitation is needed; a pending one is accepted.
#[utoipa::path(put, path = "/teams/{id}/members/me", tag = "teams", params(("id" = Uuid, Path)),
    request_body = Share, responses(
    (status = 200, body = Shared),
    (status = 404, description = "The user is not in such a team."),
    (status = 422, description = "The team has no such project.")
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

/// Leaves a team, which no longer sees any of the user's time.
#[utoipa::path(delete, path = "/teams/{id}/members/me", tag = "teams",
    params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 404, description = "The user is not in such a team."),
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

/// Removes a member from a team, which no longer sees any of their time.
#[utoipa::path(delete, path = "/teams/{id}/members/{user_id}", tag = "teams",
    operation_id = "teams_remove_member",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)), responses(
    (status = 204),
    (status = 404, description = "The user or the other person is not in such a team."),
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
