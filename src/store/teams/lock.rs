//! Who may change a team, and the order in which a change takes its locks.
//!
//! On PostgreSQL every change of a team locks the team's row, so that changes of one team are
//! serialized and what one reads after taking the lock stays true. Deleting a user locks their row
//! first and their teams' rows next; therefore a change locks its own user's row before the team's,
//! and the rows of other users before anything that refers to them. Its own user's row is locked
//! exclusively, so that changes by one user are serialized, and their teams and invitations can be
//! counted. On SQLite the transaction itself is the lock.

use std::collections::HashSet;

use sea_orm::sea_query::{Expr, ExprTrait as _, LockType};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, Select,
};
use uuid::Uuid;

use super::team::no_team;
use crate::store::entity::{team, team_member, user};
use crate::store::{StoreError, User};

/// What a user is to a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Owner,
    Member,
    /// The user must not learn whether the team exists.
    Outsider,
}

#[derive(FromQueryResult)]
struct RoleRow {
    is_owner: bool,
    is_member: bool,
}

/// Waits until no other change by this user is running, and keeps the user from being deleted until
/// the transaction ends.
pub(super) async fn lock_user_row(
    db: &impl ConnectionTrait,
    user: &User,
) -> Result<(), StoreError> {
    // Unlike FOR UPDATE, this lock lets others refer to the row: two users who invite each other do
    // not wait.
    let row = user::Entity::find_by_id(user.id)
        .lock(LockType::NoKeyUpdate)
        .one(db)
        .await?;
    row.map(drop).ok_or(StoreError::UserGone)
}

/// Keeps these users from being deleted until the transaction ends, and returns those that exist.
pub(super) async fn lock_users(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = Uuid>,
) -> Result<HashSet<Uuid>, StoreError> {
    let ids: Vec<Uuid> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Id.is_in(users))
        .order_by_asc(user::Column::Id)
        .lock(LockType::KeyShare)
        .into_tuple()
        .all(db)
        .await?;
    Ok(ids.into_iter().collect())
}

/// Waits until no other change of this team is running, and returns the user's role. A membership may
/// have ended during the wait; ownership does not end.
pub(super) async fn lock_team(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<Role, StoreError> {
    lock_user_row(db, user).await?;
    role(db, team::Entity::find_by_id(id).lock_exclusive(), user).await
}

/// [`lock_team`], for changes that only the owner may make.
pub(super) async fn lock_owned(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<(), StoreError> {
    lock_team(db, user, id).await?.must_own(id)
}

/// Checks that the user owns the team, without a lock.
pub(super) async fn check_owned(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<(), StoreError> {
    role(db, team::Entity::find_by_id(id), user)
        .await?
        .must_own(id)
}

async fn role(
    db: &impl ConnectionTrait,
    team: Select<team::Entity>,
    user: &User,
) -> Result<Role, StoreError> {
    let member = team_member::Entity::find()
        .filter(
            team_member::Column::TeamId
                .into_expr()
                .eq(team::Column::Id.into_expr()),
        )
        .filter(team_member::Column::UserId.eq(user.id));
    let row = team
        .select_only()
        .expr_as(team::Column::OwnerId.eq(user.id), "is_owner")
        .expr_as(Expr::exists(member.into_query()), "is_member")
        .into_model::<RoleRow>()
        .one(db)
        .await?;
    Ok(match row {
        Some(row) if row.is_owner => Role::Owner,
        Some(row) if row.is_member => Role::Member,
        _ => Role::Outsider,
    })
}

impl Role {
    fn must_own(self, id: Uuid) -> Result<(), StoreError> {
        match self {
            Self::Owner => Ok(()),
            Self::Member => Err(StoreError::NotOwner),
            Self::Outsider => Err(no_team(id)),
        }
    }
}
