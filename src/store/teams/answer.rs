//! What a person does about an invitation: look at it, accept or decline it.

use sea_orm::{DatabaseTransaction, QueryResult};
use uuid::Uuid;

use super::invitations::{Invitation, no_invitation, person};
use super::members::join;
use super::shares::check_known;
use super::team::{TEAM_COLUMNS, find, lock_team, team_columns};
use crate::store::db::sql::{Sql, instant};
use crate::store::{Store, StoreError, Team, User};

const OF_USER: Sql = Sql {
    postgres: concat!(
        "SELECT ",
        team_columns!(postgres),
        ", i.id, o.id, o.login, o.avatar_url, i.created_at FROM team_invitations i JOIN teams t ON t.id = i.team_id \
         JOIN users o ON o.id = t.owner_id WHERE i.user_id = $1 ORDER BY i.created_at, i.id"
    ),
    sqlite: concat!(
        "SELECT ",
        team_columns!(sqlite),
        ", i.id, o.id, o.login, o.avatar_url, i.created_at FROM team_invitations i JOIN teams t ON t.id = i.team_id \
         JOIN users o ON o.id = t.owner_id WHERE i.user_id = $1 ORDER BY i.created_at, i.id"
    ),
};

const TEAM_OF: Sql =
    Sql::both("SELECT team_id FROM team_invitations WHERE id = $1 AND user_id = $2");

const PROJECTS: Sql =
    Sql::both("SELECT project FROM team_projects WHERE team_id = $1 ORDER BY position");

const TAKE: Sql = Sql::both("DELETE FROM team_invitations WHERE id = $1 AND user_id = $2");

impl Store {
    /// The user's invitations, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_invitations(&self, user: &User) -> Result<Vec<Invitation>, StoreError> {
        let rows = OF_USER.all(&self.reader, [user.id.into()]).await?;
        let read = |row: &QueryResult| {
            Ok(Invitation {
                team: Team::read(row, 0)?,
                id: row.try_get_by_index(TEAM_COLUMNS)?,
                owner: person(row, TEAM_COLUMNS + 1)?,
                created_at: instant(row.try_get_by_index(TEAM_COLUMNS + 4)?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Makes the user a member of the team they are invited to, sharing these of its projects and no others, or all the
    /// team has; or changes what a member shares to that.
    ///
    /// # Errors
    /// When the user has no such invitation (any more), or a project is not one of the team's.
    pub async fn accept_invitation(
        &self,
        user: &User,
        id: Uuid,
        chosen: Option<&[String]>,
    ) -> Result<Team, StoreError> {
        let transaction = self.begin().await?;
        let team = take(&transaction, user, id).await?;
        let rows = PROJECTS.all(&transaction, [team.into()]).await?;
        let projects: Vec<String> = rows
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()?;
        if let Some(chosen) = chosen {
            check_known(chosen, &projects)?;
        }
        join(
            &transaction,
            user,
            team,
            chosen.unwrap_or(&projects),
            self.clock.now(),
        )
        .await?;
        let team = find(&transaction, user, team).await?;
        transaction.commit().await?;
        Ok(team)
    }

    /// Declines an invitation; a member stays what they are.
    ///
    /// # Errors
    /// When the user has no such invitation.
    pub async fn decline_invitation(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        take(&transaction, user, id).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Uses an invitation up, under the lock of its team, and answers which team that is. Of two who try at once, one
/// succeeds.
async fn take(
    transaction: &DatabaseTransaction,
    user: &User,
    id: Uuid,
) -> Result<Uuid, StoreError> {
    let row = TEAM_OF
        .one(transaction, [id.into(), user.id.into()])
        .await?;
    let team: Uuid = row.ok_or_else(|| no_invitation(id))?.try_get_by_index(0)?;
    lock_team(transaction, user, team).await?;
    if TAKE
        .execute(transaction, [id.into(), user.id.into()])
        .await?
        == 0
    {
        return Err(no_invitation(id));
    }
    Ok(team)
}
