//! Teams as their members see them.
//!
//! Nobody is in a team, and nothing of theirs is shown to it, without their consent: a row of `team_members` and of
//! `team_shares` is only ever written for the person who asks for it. Who is named by an owner gets an invitation.
//!
//! The frames that a team sees are those of `team_members m JOIN team_shares s USING (team_id, user_id)
//! JOIN team_projects tp ON (tp.team_id, tp.project) = (s.team_id, s.project)
//! JOIN projects p ON p.user_id = m.user_id AND p.name = s.project`.

use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;

pub(in crate::store) use super::lock::{Role, lock_owned, lock_team, lock_users, owned};

use crate::store::db::bind;
use crate::store::db::sql::Sql;
use crate::store::{Person, Store, StoreError, User};

/// A team, as each of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Chosen by the server.
    pub id: Uuid,
    /// Unique among the owner's teams.
    pub name: String,
    /// The names of the projects it is about, in the owner's order.
    pub projects: Vec<String>,
    /// Who made it, always a member.
    pub owner_id: Uuid,
    /// The members by login, each once.
    pub users: Vec<Person>,
}

/// The columns of a row `t` of `teams` that [`Team::read`] reads, lists as JSON: one statement sees one state of it.
macro_rules! team_columns {
    (postgres) => {
        "t.id, t.name, t.owner_id, \
         (SELECT coalesce(json_agg(p.project ORDER BY p.position), '[]')::text \
          FROM team_projects p WHERE p.team_id = t.id), \
         (SELECT coalesce(json_agg(json_build_array(u.id, u.login, u.avatar_url) \
                                   ORDER BY lower(u.login), u.login), '[]')::text \
          FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = t.id)"
    };
    (sqlite) => {
        "t.id, t.name, t.owner_id, \
         (SELECT json_group_array(p.project ORDER BY p.position) \
          FROM team_projects p WHERE p.team_id = t.id), \
         (SELECT json_group_array(json_array(hex(u.id), u.login, u.avatar_url) ORDER BY lower(u.login), u.login) \
          FROM team_members m JOIN users u ON u.id = m.user_id WHERE m.team_id = t.id)"
    };
}
pub(in crate::store) use team_columns;

/// How many columns [`team_columns`] are.
pub(in crate::store) const TEAM_COLUMNS: usize = 5;

const DELETE: Sql = Sql::both("DELETE FROM teams WHERE id = $1");

impl Store {
    /// The teams the user is a member of, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_teams(&self, user: &User) -> Result<Vec<Team>, StoreError> {
        const FIND: Sql = Sql {
            postgres: concat!(
                "SELECT ",
                team_columns!(postgres),
                " FROM teams t JOIN team_members me ON me.team_id = t.id WHERE me.user_id = $1 ORDER BY t.name, t.id"
            ),
            sqlite: concat!(
                "SELECT ",
                team_columns!(sqlite),
                " FROM teams t JOIN team_members me ON me.team_id = t.id WHERE me.user_id = $1 ORDER BY t.name, t.id"
            ),
        };
        let rows = FIND.all(&self.reader, [user.id.into()]).await?;
        rows.iter().map(|row| Team::read(row, 0)).collect()
    }

    /// A team the user is a member of. Which frames it sees stands at the top of this file.
    ///
    /// # Errors
    /// When there is no such team, or the user is no member, which look the same.
    pub async fn get_team(&self, user: &User, id: Uuid) -> Result<Team, StoreError> {
        find(&self.reader, user, id).await
    }

    /// Ends a team, with all that was shared with it.
    ///
    /// # Errors
    /// When it is not the user's own.
    pub async fn delete_team(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, id).await?;
        DELETE.execute(&transaction, [id.into()]).await?;
        transaction.commit().await?;
        Ok(())
    }
}

impl Team {
    /// Reads [`team_columns`], the first of which has the number `first`.
    pub(in crate::store) fn read(row: &QueryResult, first: usize) -> Result<Self, StoreError> {
        let people: Vec<(Uuid, String, Option<String>)> = bind::read(row, first + 4)?;
        Ok(Self {
            id: row.try_get_by_index(first)?,
            name: row.try_get_by_index(first + 1)?,
            owner_id: row.try_get_by_index(first + 2)?,
            projects: bind::read(row, first + 3)?,
            users: people
                .into_iter()
                .map(|(id, login, avatar_url)| Person {
                    id,
                    login,
                    avatar_url,
                })
                .collect(),
        })
    }
}

/// The team as one of its members sees it.
pub(in crate::store) async fn find(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<Team, StoreError> {
    const FIND: Sql = Sql {
        postgres: concat!(
            "SELECT ",
            team_columns!(postgres),
            " FROM teams t JOIN team_members me ON me.team_id = t.id WHERE me.user_id = $1 AND t.id = $2"
        ),
        sqlite: concat!(
            "SELECT ",
            team_columns!(sqlite),
            " FROM teams t JOIN team_members me ON me.team_id = t.id WHERE me.user_id = $1 AND t.id = $2"
        ),
    };
    let row = FIND.one(db, [user.id.into(), id.into()]).await?;
    Team::read(&row.ok_or_else(|| no_team(id))?, 0)
}

/// What an outsider is told, whether there is such a team or not.
pub(in crate::store) fn no_team(id: Uuid) -> StoreError {
    StoreError::NotFound(format!("team {id}"))
}
