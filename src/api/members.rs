//! The end of a membership: leaving a team, or being removed from it.

use axum::extract::State;
use axum::http::StatusCode;

use super::extract::{Id, TwoIds};
use super::{Api, ApiError};
use crate::store::Caller;

/// Leaves a team: from now on it sees nothing of the user's.
#[utoipa::path(delete, path = "/teams/{id}/members/me", tag = "teams",
    params(("id" = Uuid, Path)), responses(
    (status = 204),
    (status = 404, description = "The user is a member of no such team."),
    (status = 409, description = "The user owns the team.")
))]
pub(super) async fn leave(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, ApiError> {
    api.store.team_leave(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes somebody from one's own team: from now on it sees nothing of theirs.
#[utoipa::path(delete, path = "/teams/{id}/members/{user_id}", tag = "teams", operation_id = "teams_remove_member",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)), responses(
    (status = 204),
    (status = 404, description = "The user is a member of no such team, or the other is not."),
    (status = 409, description = "The owner of a team cannot be removed.")
))]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    TwoIds(team, member): TwoIds,
) -> Result<StatusCode, ApiError> {
    api.store.member_remove(&caller.user, team, member).await?;
    Ok(StatusCode::NO_CONTENT)
}
