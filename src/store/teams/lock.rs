//! Who may change a team, and the order in which a change takes its locks.
//!
//! On PostgreSQL every change of a team holds the team's row, so that changes of one team follow each other and what
//! one reads after that lock stays so. Removing a user takes their row first and their teams' rows next; hence a change
//! holds its own user's row before the team's, and the rows of others it writes about before it touches anything that
//! hangs on them. Its own user's row it holds alone, so that changes by one user follow each other, and what they own
//! and ask can be counted. On SQLite the transaction itself is the lock.

use std::collections::HashSet;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::team::no_team;
use crate::store::db::bind;
use crate::store::db::sql::Sql;
use crate::store::{StoreError, User};

/// What a user is to a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Role {
    /// Made it.
    Owner,
    /// Is in it.
    Member,
    /// Is not to learn that it exists; or it does not.
    Outsider,
}

const ROLE: Sql = Sql::both(
    "SELECT t.owner_id = $2, EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = t.id AND m.user_id = $2) \
     FROM teams t WHERE t.id = $1",
);

const LOCK_TEAM: Sql = Sql {
    postgres: "SELECT t.owner_id = $2, EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = t.id AND m.user_id = $2) \
               FROM teams t WHERE t.id = $1 FOR UPDATE",
    sqlite: ROLE.sqlite,
};

/// Lets others refer to the row, which `FOR UPDATE` would not: two who invite each other do not wait.
const LOCK_USER: Sql = Sql {
    postgres: "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE",
    sqlite: "SELECT id FROM users WHERE id = $1",
};

const LOCK_USERS: Sql = Sql {
    postgres: "SELECT id FROM users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE",
    sqlite: "SELECT id FROM users WHERE id IN (SELECT unhex(value) FROM json_each($1))",
};

/// Waits until no other change by this user is under way, and keeps them from being removed before this transaction
/// ends.
pub(in crate::store) async fn lock_user_row(
    db: &impl ConnectionTrait,
    user: &User,
) -> Result<(), StoreError> {
    let row = LOCK_USER.one(db, [user.id.into()]).await?;
    row.map(drop).ok_or(StoreError::UserGone)
}

/// Keeps these users from being removed before this transaction ends, and answers which of them there are.
pub(in crate::store) async fn lock_users(
    db: &impl ConnectionTrait,
    users: impl IntoIterator<Item = Uuid>,
) -> Result<HashSet<Uuid>, StoreError> {
    let ids = bind::ids(db.get_database_backend(), users)?;
    let rows = LOCK_USERS.all(db, [ids]).await?;
    rows.iter()
        .map(|row| Ok(row.try_get_by_index(0)?))
        .collect()
}

/// Waits until no other change of this team is under way, and answers what the user is to it. That somebody is a
/// member may have ended while this waited; that somebody is the owner does not.
pub(in crate::store) async fn lock_team(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<Role, StoreError> {
    lock_user_row(db, user).await?;
    role(db, &LOCK_TEAM, user, id).await
}

/// As [`lock_team`], for what only the owner may do: a member is told so, and to anybody else there is no such team.
pub(in crate::store) async fn lock_owned(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<(), StoreError> {
    lock_team(db, user, id).await?.must_own(id)
}

/// As [`lock_owned`], for only looking.
pub(in crate::store) async fn owned(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<(), StoreError> {
    role(db, &ROLE, user, id).await?.must_own(id)
}

async fn role(
    db: &impl ConnectionTrait,
    statement: &Sql,
    user: &User,
    id: Uuid,
) -> Result<Role, StoreError> {
    let Some(row) = statement.one(db, [id.into(), user.id.into()]).await? else {
        return Ok(Role::Outsider);
    };
    Ok(match (row.try_get_by_index(0)?, row.try_get_by_index(1)?) {
        (true, _) => Role::Owner,
        (false, true) => Role::Member,
        (false, false) => Role::Outsider,
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
