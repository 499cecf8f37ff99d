//! Teams as their members see them.
//!
//! SQL by hand: one statement reads teams with their projects and members, which takes the ORM three,
//! and so sees one state of them.

use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::store::db::bind::JsonText;
use crate::store::{Person, Store, StoreError, User};

/// A team as each of its members sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The team's id.
    pub id: Uuid,
    /// Unique among the owner's teams.
    pub name: String,
    /// The names of the projects that it is about, in the owner's order.
    pub projects: Vec<String>,
    /// The user who created it, who is always a member.
    pub owner_id: Uuid,
    /// The members, by login.
    pub users: Vec<Person>,
}

/// The columns of [`find_teams`], with lists as JSON.
#[derive(FromQueryResult)]
pub(super) struct TeamRow {
    id: Uuid,
    name: String,
    owner_id: Uuid,
    projects: JsonText<Vec<String>>,
    users: JsonText<Vec<(Uuid, String, Option<String>)>>,
}

/// Selects teams `t`, then further columns of further tables.
macro_rules! find_teams {
    ($columns:literal, $tables:literal) => {
        $crate::store::db::sql::Sql {
            postgres: concat!(
                "SELECT t.id, t.name, t.owner_id, \
                 (SELECT coalesce(json_agg(p.project ORDER BY p.position), '[]')::text \
                  FROM team_projects p WHERE p.team_id = t.id) AS projects, \
                 (SELECT coalesce(json_agg(json_build_array(u.id, u.login, u.avatar_url) \
                                           ORDER BY lower(u.login), u.login), '[]')::text \
                  FROM team_members m JOIN users u ON u.id = m.user_id \
                  WHERE m.team_id = t.id) AS users",
                $columns,
                " FROM teams t ",
                $tables
            ),
            sqlite: concat!(
                "SELECT t.id, t.name, t.owner_id, \
                 (SELECT json_group_array(p.project ORDER BY p.position) \
                  FROM team_projects p WHERE p.team_id = t.id) AS projects, \
                 (SELECT json_group_array(json_array(hex(u.id), u.login, u.avatar_url) \
                                          ORDER BY lower(u.login), u.login) \
                  FROM team_members m JOIN users u ON u.id = m.user_id \
                  WHERE m.team_id = t.id) AS users",
                $columns,
                " FROM teams t ",
                $tables
            ),
        }
    };
}
pub(super) use find_teams;

impl Store {
    /// The teams that the user is a member of, by name.
    pub async fn list_teams(&self, user: &User) -> Result<Vec<Team>, StoreError> {
        let rows = find_teams!(
            "",
            "JOIN team_members me ON me.team_id = t.id WHERE me.user_id = $1 ORDER BY t.name, t.id"
        )
        .list::<TeamRow>(&self.reader, [user.id.into()])
        .await?;
        Ok(rows.into_iter().map(Team::from).collect())
    }

    /// A team that the user is a member of.
    ///
    /// # Errors
    /// When there is no such team, or the user is not a member, which look the same.
    pub async fn get_team(&self, user: &User, id: Uuid) -> Result<Team, StoreError> {
        find_team(&self.reader, user, id).await
    }
}

impl From<TeamRow> for Team {
    fn from(row: TeamRow) -> Self {
        let users = row.users.0.into_iter();
        let person = |(id, login, avatar_url)| Person {
            id,
            login,
            avatar_url,
        };
        Self {
            id: row.id,
            name: row.name,
            projects: row.projects.0,
            owner_id: row.owner_id,
            users: users.map(person).collect(),
        }
    }
}

/// A team as one of its members sees it.
pub(super) async fn find_team(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<Team, StoreError> {
    let row = find_teams!(
        "",
        "JOIN team_members me ON me.team_id = t.id WHERE me.user_id = $1 AND t.id = $2"
    )
    .find::<TeamRow>(db, [user.id.into(), id.into()])
    .await?;
    row.map(Team::from).ok_or_else(|| no_team(id))
}

/// The same error whether the team does not exist or the user is not a member.
pub(in crate::store) fn no_team(id: Uuid) -> StoreError {
    StoreError::NotFound(format!("team {id}"))
}
