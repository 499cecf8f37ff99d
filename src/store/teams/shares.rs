//! What a member shares with a team: theirs to see and to change, at any time and without being asked.

use std::collections::{HashMap, HashSet};

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::members::join;
use super::team::{lock_team, no_team};
use crate::store::db::bind;
use crate::store::db::sql::Sql;
use crate::store::{Store, StoreError, User};

/// The team's projects, and those of them that a member shares.
const SHARED: Sql = Sql {
    postgres: "SELECT \
         (SELECT coalesce(json_agg(p.project ORDER BY p.position), '[]')::text \
          FROM team_projects p WHERE p.team_id = m.team_id), \
         (SELECT coalesce(json_agg(p.project ORDER BY p.position), '[]')::text \
          FROM team_projects p JOIN team_shares s ON (s.team_id, s.project) = (p.team_id, p.project) \
          WHERE p.team_id = m.team_id AND s.user_id = m.user_id) \
         FROM team_members m WHERE m.team_id = $1 AND m.user_id = $2",
    sqlite: "SELECT \
         (SELECT json_group_array(p.project ORDER BY p.position) FROM team_projects p WHERE p.team_id = m.team_id), \
         (SELECT json_group_array(p.project ORDER BY p.position) \
          FROM team_projects p JOIN team_shares s ON (s.team_id, s.project) = (p.team_id, p.project) \
          WHERE p.team_id = m.team_id AND s.user_id = m.user_id) \
         FROM team_members m WHERE m.team_id = $1 AND m.user_id = $2",
};

const SHARED_WITH_ALL: Sql = Sql::both(
    "SELECT p.team_id, p.project FROM team_shares s \
     JOIN team_projects p ON (p.team_id, p.project) = (s.team_id, s.project) \
     WHERE s.user_id = $1 ORDER BY p.team_id, p.position",
);

/// An invitation to share more is answered by a choice.
const ANSWER: Sql = Sql::both("DELETE FROM team_invitations WHERE team_id = $1 AND user_id = $2");

/// The names of a team's projects, in its order.
struct Projects {
    all: Vec<String>,
    shared: Vec<String>,
}

impl Store {
    /// Which of the team's projects the user shares with it, in the team's order.
    ///
    /// # Errors
    /// When there is no such team, or the user is no member.
    pub async fn get_shares(&self, user: &User, team: Uuid) -> Result<Vec<String>, StoreError> {
        Ok(projects(&self.reader, user, team).await?.shared)
    }

    /// What the user shares with each of their teams, as [`Store::get_shares`]; a team with which it is nothing is left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_shares(&self, user: &User) -> Result<HashMap<Uuid, Vec<String>>, StoreError> {
        let rows = SHARED_WITH_ALL.all(&self.reader, [user.id.into()]).await?;
        let mut shared: HashMap<Uuid, Vec<String>> = HashMap::new();
        for row in rows {
            let projects = shared.entry(row.try_get_by_index(0)?).or_default();
            projects.push(row.try_get_by_index(1)?);
        }
        Ok(shared)
    }

    /// Makes the user share these of the team's projects and no others, and answers them in the team's order. An
    /// invitation to share more is gone then.
    ///
    /// # Errors
    /// When there is no such team, the user is no member, or a project is not one of the team's.
    pub async fn update_shares(
        &self,
        user: &User,
        team: Uuid,
        chosen: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let transaction = self.begin().await?;
        lock_team(&transaction, user, team).await?;
        // Read after the lock: a membership may have ended while this waited.
        let Projects { mut all, .. } = projects(&transaction, user, team).await?;
        check_known(chosen, &all)?;
        join(&transaction, user, team, chosen, self.clock.now()).await?;
        ANSWER
            .execute(&transaction, [team.into(), user.id.into()])
            .await?;
        transaction.commit().await?;
        let chosen: HashSet<&String> = chosen.iter().collect();
        all.retain(|name| chosen.contains(name));
        Ok(all)
    }
}

async fn projects(
    db: &impl ConnectionTrait,
    user: &User,
    team: Uuid,
) -> Result<Projects, StoreError> {
    let row = SHARED.one(db, [team.into(), user.id.into()]).await?;
    let row = row.ok_or_else(|| no_team(team))?;
    Ok(Projects {
        all: bind::read(&row, 0)?,
        shared: bind::read(&row, 1)?,
    })
}

/// Refuses a choice of what is not the team's.
pub(in crate::store) fn check_known(
    chosen: &[String],
    projects: &[String],
) -> Result<(), StoreError> {
    let known: HashSet<&String> = projects.iter().collect();
    match chosen.iter().find(|name| !known.contains(name)) {
        Some(other) => Err(StoreError::NotInTeam(other.clone())),
        None => Ok(()),
    }
}
