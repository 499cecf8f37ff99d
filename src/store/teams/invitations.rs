//! Invitations: how a person comes to be in a team, or to share more projects with one they are in.
//!
//! An invitation stands for the list of projects the team had when it was written; when that changes it is replaced by
//! one with another id. So a person who accepts agrees to what they have seen.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use uuid::Uuid;

use super::members::check_size;
use super::team::{lock_owned, lock_users, no_team, owned};
use crate::model::MOST_PENDING_INVITATIONS;
use crate::store::db::bind;
use crate::store::db::sql::{Sql, instant};
use crate::store::{Person, Store, StoreError, Team, User};

/// An invitation as the one who got it sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Chosen by the server.
    pub id: Uuid,
    /// The projects that would be shared, and who would see them.
    pub team: Team,
    /// Who invites.
    pub owner: Person,
    /// When it was written.
    pub created_at: Timestamp,
}

/// An invitation as the owner of the team sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamInvitation {
    /// Chosen by the server.
    pub id: Uuid,
    /// Who is invited.
    pub user: Person,
    /// When it was written.
    pub created_at: Timestamp,
}

/// What inviting came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invited {
    /// There is a new invitation, with this id.
    Now(Uuid),
    /// The person has this invitation already.
    Before(Uuid),
}

const INVITE: Sql = Sql {
    postgres: "INSERT INTO team_invitations (id, team_id, user_id, created_at) \
               SELECT i.id, $1, i.user_id, $2 FROM unnest($3::uuid[], $4::uuid[]) AS i (id, user_id) \
               ON CONFLICT (team_id, user_id) DO UPDATE SET id = excluded.id, created_at = excluded.created_at \
               WHERE $5",
    sqlite: "INSERT INTO team_invitations (id, team_id, user_id, created_at) \
             SELECT unhex(i.value), $1, unhex(u.value), $2 FROM json_each($3) i JOIN json_each($4) u ON u.key = i.key \
             WHERE true \
             ON CONFLICT (team_id, user_id) DO UPDATE SET id = excluded.id, created_at = excluded.created_at WHERE $5",
};

/// The most invitations that one of these people has from the owner of a team.
const MOST_PENDING: Sql = Sql {
    postgres: "SELECT coalesce(max(n.pending), 0) FROM (SELECT count(*) AS pending FROM team_invitations i \
               JOIN teams t ON t.id = i.team_id WHERE i.user_id = ANY ($2::uuid[]) \
               AND t.owner_id = (SELECT owner_id FROM teams WHERE id = $1) GROUP BY i.user_id) n",
    sqlite: "SELECT coalesce(max(n.pending), 0) FROM (SELECT count(*) AS pending FROM team_invitations i \
             JOIN teams t ON t.id = i.team_id WHERE i.user_id IN (SELECT unhex(value) FROM json_each($2)) \
             AND t.owner_id = (SELECT owner_id FROM teams WHERE id = $1) GROUP BY i.user_id) n",
};

const OF_TEAM: Sql = Sql::both(
    "SELECT i.id, u.id, u.login, u.avatar_url, i.created_at FROM team_invitations i JOIN users u ON u.id = i.user_id \
     WHERE i.team_id = $1 ORDER BY i.created_at, lower(u.login), u.login",
);

/// The person's invitation, and whether there is nothing left to ask them for.
const STANDING: Sql = Sql::both(
    "SELECT (SELECT i.id FROM team_invitations i WHERE i.team_id = $1 AND i.user_id = $2), \
     EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = $1 AND m.user_id = $2) \
     AND NOT EXISTS (SELECT 1 FROM team_projects p WHERE p.team_id = $1 AND NOT EXISTS \
       (SELECT 1 FROM team_shares s WHERE s.team_id = $1 AND s.user_id = $2 AND s.project = p.project))",
);

const WITHDRAW: Sql = Sql::both("DELETE FROM team_invitations WHERE id = $1 AND team_id = $2");

impl Store {
    /// Who is invited to the user's own team, oldest first.
    ///
    /// # Errors
    /// When the team is not the user's own.
    pub async fn list_team_invitations(
        &self,
        user: &User,
        team: Uuid,
    ) -> Result<Vec<TeamInvitation>, StoreError> {
        owned(&self.reader, user, team).await?;
        let rows = OF_TEAM.all(&self.reader, [team.into()]).await?;
        let read = |row: &QueryResult| {
            Ok(TeamInvitation {
                id: row.try_get_by_index(0)?,
                user: person(row, 1)?,
                created_at: instant(row.try_get_by_index(4)?)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Invites somebody to the user's own team, or a member to share all its projects.
    ///
    /// # Errors
    /// When the team is not the user's own, there is no such person, they share everything already, they would be too
    /// many, or they have as many of the user's invitations as they may.
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
        let standing = STANDING.one(&transaction, [team.into(), invitee.into()]);
        let standing = standing.await?.ok_or_else(|| no_team(team))?;
        if standing.try_get_by_index(1)? {
            return Err(StoreError::Exists(
                "a member of this id, who shares all of the team's projects".to_owned(),
            ));
        }
        if let Some(id) = standing.try_get_by_index(0)? {
            return Ok(Invited::Before(id));
        }
        let id = Uuid::now_v7();
        invite(
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

    /// Takes an invitation to the user's own team back.
    ///
    /// # Errors
    /// When the team is not the user's own, or has no such invitation.
    pub async fn revoke_invitation(
        &self,
        user: &User,
        team: Uuid,
        id: Uuid,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, team).await?;
        if WITHDRAW
            .execute(&transaction, [id.into(), team.into()])
            .await?
            == 0
        {
            return Err(no_invitation(id));
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Writes invitations, each an id and whom it is for. Whoever has one keeps it, unless it is to be renewed. The owner of
/// the team is locked, so that the count holds.
///
/// # Errors
/// When somebody would have too many of one owner's.
pub(in crate::store) async fn invite(
    db: &impl ConnectionTrait,
    team: Uuid,
    invitations: &[(Uuid, Uuid)],
    is_renewal: bool,
    now: i64,
) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    let ids = bind::ids(backend, invitations.iter().map(|(id, _)| *id))?;
    let users = bind::ids(backend, invitations.iter().map(|(_, user)| *user))?;
    INVITE
        .execute(
            db,
            [
                team.into(),
                now.into(),
                ids,
                users.clone(),
                is_renewal.into(),
            ],
        )
        .await?;
    let row = MOST_PENDING.one(db, [team.into(), users]).await?;
    let pending: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    let is_within = pending
        .and_then(|pending| usize::try_from(pending).ok())
        .is_some_and(|pending| pending <= MOST_PENDING_INVITATIONS);
    if !is_within {
        return Err(StoreError::TooManyInvitations);
    }
    Ok(())
}

pub(super) fn no_invitation(id: Uuid) -> StoreError {
    StoreError::NotFound(format!("invitation {id}"))
}

/// Somebody read from the three columns from `first` on.
pub(super) fn person(row: &QueryResult, first: usize) -> Result<Person, DbErr> {
    Ok(Person {
        id: row.try_get_by_index(first)?,
        login: row.try_get_by_index(first + 1)?,
        avatar_url: row.try_get_by_index(first + 2)?,
    })
}
