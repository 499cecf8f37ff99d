//! What a member shares with a team, which only the member changes, at any time.
//!
//! SQL by hand: [`FIND`] reads the membership, the team's projects and what the member shares of them
//! in one statement.

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::lock::lock_team;
use super::members::join_team;
use super::team::no_team;
use crate::store::db::sql::Sql;
use crate::store::entity::{team_invitation, team_project, team_share};
use crate::store::{Store, StoreError, User};

const FIND: Sql = Sql::both(
    "SELECT p.project, s.project IS NOT NULL AS is_shared FROM team_members m \
     LEFT JOIN team_projects p ON p.team_id = m.team_id \
     LEFT JOIN team_shares s ON s.team_id = m.team_id AND s.user_id = m.user_id \
        AND s.project = p.project \
     WHERE m.team_id = $1 AND m.user_id = $2 ORDER BY p.position",
);

/// A project of the team; `None` if the team has none.
#[derive(FromQueryResult)]
struct ProjectRow {
    project: Option<String>,
    is_shared: bool,
}

impl Store {
    /// The team's projects that the user shares with it, in the team's order.
    ///
    /// # Errors
    /// When there is no such team, or the user is not a member.
    pub async fn get_shares(&self, user: &User, team: Uuid) -> Result<Vec<String>, StoreError> {
        let rows = find_projects(&self.reader, user, team).await?;
        let shared = rows.into_iter().filter(|row| row.is_shared);
        Ok(shared.filter_map(|row| row.project).collect())
    }

    /// [`Store::get_shares`] of each of the user's teams, without those that get nothing.
    pub async fn list_shares(&self, user: &User) -> Result<HashMap<Uuid, Vec<String>>, StoreError> {
        let rows: Vec<(Uuid, String)> = team_share::Entity::find()
            .select_only()
            .column(team_share::Column::TeamId)
            .column(team_share::Column::Project)
            .inner_join(team_project::Entity)
            .filter(team_share::Column::UserId.eq(user.id))
            .order_by_asc(team_project::Column::Position)
            .into_tuple()
            .all(&self.reader)
            .await?;
        let mut shares: HashMap<Uuid, Vec<String>> = HashMap::new();
        for (team, project) in rows {
            shares.entry(team).or_default().push(project);
        }
        Ok(shares)
    }

    /// Shares exactly these of the team's projects, and returns them in the team's order. Deletes an
    /// invitation to share more.
    ///
    /// # Errors
    /// When there is no such team, the user is not a member, or a project is not the team's.
    pub async fn update_shares(
        &self,
        user: &User,
        team: Uuid,
        chosen: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let transaction = self.begin().await?;
        lock_team(&transaction, user, team).await?;
        // Read under the lock, because a membership may have ended during the wait.
        let rows = find_projects(&transaction, user, team).await?;
        let mut projects: Vec<String> = rows.into_iter().filter_map(|row| row.project).collect();
        check_chosen(chosen, &projects)?;
        join_team(&transaction, user, team, chosen, self.clock.now()).await?;
        team_invitation::Entity::delete_many()
            .filter(team_invitation::Column::TeamId.eq(team))
            .filter(team_invitation::Column::UserId.eq(user.id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        projects.retain(|name| chosen.contains(name));
        Ok(projects)
    }
}

async fn find_projects(
    db: &impl ConnectionTrait,
    user: &User,
    team: Uuid,
) -> Result<Vec<ProjectRow>, StoreError> {
    let rows = FIND.list(db, [team.into(), user.id.into()]).await?;
    if rows.is_empty() {
        return Err(no_team(team));
    }
    Ok(rows)
}

/// Rejects a choice that contains a project that is not the team's.
pub(super) fn check_chosen(chosen: &[String], projects: &[String]) -> Result<(), StoreError> {
    let known: HashSet<&String> = projects.iter().collect();
    match chosen.iter().find(|name| !known.contains(name)) {
        Some(other) => Err(StoreError::NotInTeam(other.clone())),
        None => Ok(()),
    }
}
