//! Invitations, by which users join teams, and members share more projects.
//!
//! An invitation stands for the list of projects that the team had when it was created. When the list
//! changes, the invitation gets a new id. So a user who accepts consents to the list that they saw.
//!
//! SQL by hand: [`INVITE`] takes any number of users, [`STANDING`] tests three tables.

use jiff::Timestamp;
use sea_orm::sea_query::Func;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use uuid::Uuid;

use super::lock::{check_owned, lock_owned, lock_users};
use super::members::check_size;
use super::team::{Team, no_team};
use crate::model::MOST_PENDING_INVITATIONS;
use crate::store::db::bind;
use crate::store::db::sql::{Sql, instant};
use crate::store::entity::team_invitation::{Column, Entity, Model};
use crate::store::entity::{team, user};
use crate::store::{Person, Store, StoreError, User};

/// An invitation as the invited user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The invitation's id.
    pub id: Uuid,
    /// The team, with the projects that would be shared and the members who would see them.
    pub team: Team,
    /// The user who invites.
    pub owner: Person,
    /// When it was created.
    pub created_at: Timestamp,
}

/// An invitation as the owner of the team sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamInvitation {
    /// The invitation's id.
    pub id: Uuid,
    /// The invited user.
    pub user: Person,
    /// When it was created.
    pub created_at: Timestamp,
}

/// The result of inviting a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invited {
    /// There is a new invitation with this id.
    Now(Uuid),
    /// The user had this invitation already.
    Before(Uuid),
}

const INVITE: Sql = Sql {
    postgres: "INSERT INTO team_invitations (id, team_id, user_id, created_at) \
               SELECT i.id, $1, i.user_id, $2 FROM unnest($3, $4) AS i (id, user_id) \
               ON CONFLICT (team_id, user_id) DO UPDATE \
               SET id = excluded.id, created_at = excluded.created_at WHERE $5",
    sqlite: "INSERT INTO team_invitations (id, team_id, user_id, created_at) \
             SELECT unhex(i.value, '-'), $1, unhex(u.value, '-'), $2 \
             FROM json_each($3) i JOIN json_each($4) u ON u.key = i.key WHERE true \
             ON CONFLICT (team_id, user_id) DO UPDATE \
             SET id = excluded.id, created_at = excluded.created_at WHERE $5",
};

/// The user's invitation, and whether the user is a member who shares everything already.
const STANDING: Sql = Sql::both(
    "SELECT (SELECT i.id FROM team_invitations i WHERE i.team_id = $1 AND i.user_id = $2) \
        AS invitation_id, \
     EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = $1 AND m.user_id = $2) \
     AND NOT EXISTS (SELECT 1 FROM team_projects p WHERE p.team_id = $1 AND NOT EXISTS \
        (SELECT 1 FROM team_shares s \
         WHERE s.team_id = $1 AND s.user_id = $2 AND s.project = p.project)) AS shares_all",
);

#[derive(FromQueryResult)]
struct Standing {
    invitation_id: Option<Uuid>,
    shares_all: bool,
}

impl Store {
    /// The invitations to the user's own team, oldest first.
    ///
    /// # Errors
    /// When the user does not own the team.
    pub async fn list_team_invitations(
        &self,
        user: &User,
        team: Uuid,
    ) -> Result<Vec<TeamInvitation>, StoreError> {
        check_owned(&self.reader, user, team).await?;
        let rows = Entity::find()
            .find_both_related(user::Entity)
            .filter(Column::TeamId.eq(team))
            .order_by_asc(Column::CreatedAt)
            .order_by_asc(Func::lower(user::Column::Login.into_expr()))
            .order_by_asc(user::Column::Login)
            .all(&self.reader)
            .await?;
        let invitation = |(row, user): (Model, user::Model)| {
            Ok(TeamInvitation {
                id: row.id,
                user: user.into(),
                created_at: instant(row.created_at)?,
            })
        };
        rows.into_iter().map(invitation).collect()
    }

    /// Invites a user to the caller's own team, or a member to share all of its projects.
    ///
    /// # Errors
    /// When the caller does not own the team, there is no such user, the user shares everything
    /// already, or the team or the number of the user's invitations would become too large.
    pub async fn create_invitation(
        &self,
        user: &User,
        team: Uuid,
        invitee: Uuid,
    ) -> Result<Invited, StoreError> {
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, team).await?;
        if lock_users(&transaction, [invitee]).await?.is_empty() {
            return Err(StoreError::UnknownUser(invitee));
        }
        let values = [team.into(), invitee.into()];
        let standing: Option<Standing> = STANDING.find(&transaction, values).await?;
        let standing = standing.ok_or_else(|| no_team(team))?;
        if standing.shares_all {
            return Err(StoreError::Exists(
                "a member of this id, who shares all of the team's projects".to_owned(),
            ));
        }
        if let Some(id) = standing.invitation_id {
            return Ok(Invited::Before(id));
        }
        let id = Uuid::now_v7();
        invite_users(
            &transaction,
            team,
            &[(id, invitee)],
            false,
            self.clock.now(),
        )
        .await?;
        check_size(&transaction, team).await?;
        transaction.commit().await?;
        Ok(Invited::Now(id))
    }

    /// Revokes an invitation to the user's own team.
    ///
    /// # Errors
    /// When the user does not own the team, or it has no such invitation.
    pub async fn revoke_invitation(
        &self,
        user: &User,
        team: Uuid,
        id: Uuid,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, team).await?;
        let deleted = Entity::delete_many()
            .filter(Column::Id.eq(id))
            .filter(Column::TeamId.eq(team))
            .exec(&transaction)
            .await?;
        if deleted.rows_affected == 0 {
            return Err(no_invitation(id));
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Creates invitations, each an id and the user to invite. An existing invitation gets the new id only
/// if `is_renewal`. The team's owner is locked, so that the count holds.
///
/// # Errors
/// When a user would have too many invitations of one owner.
pub(super) async fn invite_users(
    db: &impl ConnectionTrait,
    team: Uuid,
    invitations: &[(Uuid, Uuid)],
    is_renewal: bool,
    now: i64,
) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    let users = || invitations.iter().map(|(_, user)| *user);
    let values = [
        team.into(),
        now.into(),
        bind::list(backend, invitations.iter().map(|(id, _)| *id))?,
        bind::list(backend, users())?,
        is_renewal.into(),
    ];
    INVITE.execute(db, values).await?;
    let owner = team::Entity::find_by_id(team)
        .select_only()
        .column(team::Column::OwnerId);
    let most: Option<i64> = Entity::find()
        .select_only()
        .column_as(Column::Id.count(), "pending")
        .inner_join(team::Entity)
        .filter(Column::UserId.is_in(users()))
        .filter(team::Column::OwnerId.in_subquery(owner.into_query()))
        .group_by(Column::UserId)
        .order_by_desc(Column::Id.count())
        .into_tuple()
        .one(db)
        .await?;
    let most = usize::try_from(most.unwrap_or_default()).unwrap_or(usize::MAX);
    if most > MOST_PENDING_INVITATIONS {
        return Err(StoreError::TooManyInvitations);
    }
    Ok(())
}

pub(super) fn no_invitation(id: Uuid) -> StoreError {
    StoreError::NotFound(format!("invitation {id}"))
}
