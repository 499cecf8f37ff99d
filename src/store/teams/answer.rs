//! What an invited user does: list, accept or decline invitations.

use sea_orm::{
    ColumnTrait as _, DatabaseTransaction, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::invitations::{Invitation, no_invitation};
use super::lock::lock_team;
use super::members::join_team;
use super::shares::check_chosen;
use super::team::{TeamRow, find_team, find_teams};
use crate::store::db::sql::{Sql, instant};
use crate::store::entity::team_invitation::{Column, Entity};
use crate::store::entity::team_project;
use crate::store::{Person, Store, StoreError, Team, User};

const LIST: Sql = find_teams!(
    ", i.id AS invitation_id, i.created_at, o.login, o.avatar_url",
    "JOIN team_invitations i ON i.team_id = t.id JOIN users o ON o.id = t.owner_id \
     WHERE i.user_id = $1 ORDER BY i.created_at, i.id"
);

#[derive(FromQueryResult)]
struct InvitationRow {
    #[sea_orm(nested)]
    team: TeamRow,
    invitation_id: Uuid,
    created_at: i64,
    login: String,
    avatar_url: Option<String>,
}

impl Store {
    /// The user's invitations, oldest first.
    pub async fn list_invitations(&self, user: &User) -> Result<Vec<Invitation>, StoreError> {
        let rows: Vec<InvitationRow> = LIST.list(&self.reader, [user.id.into()]).await?;
        let invitation = |row: InvitationRow| {
            let team = Team::from(row.team);
            Ok(Invitation {
                id: row.invitation_id,
                owner: Person {
                    id: team.owner_id,
                    login: row.login,
                    avatar_url: row.avatar_url,
                },
                team,
                created_at: instant(row.created_at)?,
            })
        };
        rows.into_iter().map(invitation).collect()
    }

    /// Makes the user a member of the team that they are invited to. The member shares exactly the
    /// `chosen` projects, or all of the team's.
    ///
    /// # Errors
    /// When the user has no such invitation, or a project is not the team's.
    pub async fn accept_invitation(
        &self,
        user: &User,
        id: Uuid,
        chosen: Option<&[String]>,
    ) -> Result<Team, StoreError> {
        let transaction = self.begin().await?;
        let team = take_invitation(&transaction, user, id).await?;
        let projects: Vec<String> = team_project::Entity::find()
            .select_only()
            .column(team_project::Column::Project)
            .filter(team_project::Column::TeamId.eq(team))
            .order_by_asc(team_project::Column::Position)
            .into_tuple()
            .all(&transaction)
            .await?;
        let chosen = chosen.unwrap_or(&projects);
        check_chosen(chosen, &projects)?;
        join_team(&transaction, user, team, chosen, self.clock.now()).await?;
        let team = find_team(&transaction, user, team).await?;
        transaction.commit().await?;
        Ok(team)
    }

    /// Declines an invitation. A member stays a member.
    ///
    /// # Errors
    /// When the user has no such invitation.
    pub async fn decline_invitation(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        take_invitation(&transaction, user, id).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Deletes an invitation under the lock of its team, and returns the team. Of two concurrent attempts
/// one succeeds.
async fn take_invitation(
    transaction: &DatabaseTransaction,
    user: &User,
    id: Uuid,
) -> Result<Uuid, StoreError> {
    let invitation = Entity::find_by_id(id)
        .filter(Column::UserId.eq(user.id))
        .one(transaction)
        .await?
        .ok_or_else(|| no_invitation(id))?;
    lock_team(transaction, user, invitation.team_id).await?;
    let deleted = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user.id))
        .exec(transaction)
        .await?;
    if deleted.rows_affected == 0 {
        return Err(no_invitation(id));
    }
    Ok(invitation.team_id)
}
