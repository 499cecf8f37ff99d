//! Who is in a team and what they share with it, and how that ends. See also `teams`: nobody else can agree for them.

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::team::{Role, lock_owned, lock_team, no_team};
use crate::model::MOST_TEAM_PEOPLE;
use crate::store::db::bind;
use crate::store::db::sql::Sql;
use crate::store::{Store, StoreError, User};

const JOIN: Sql = Sql::both(
    "INSERT INTO team_members (team_id, user_id, joined_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
);

const UNSHARE: Sql = Sql::both("DELETE FROM team_shares WHERE team_id = $1 AND user_id = $2");

const SHARE: Sql = Sql {
    postgres: "INSERT INTO team_shares (team_id, user_id, project) SELECT $1, $2, p.project FROM team_projects p \
               WHERE p.team_id = $1 AND p.project = ANY ($3::text[])",
    sqlite: "INSERT INTO team_shares (team_id, user_id, project) SELECT $1, $2, p.project FROM team_projects p \
             WHERE p.team_id = $1 AND p.project IN (SELECT value FROM json_each($3))",
};

/// A removed member's invitation goes too: it would let them back in.
const REMOVE: [Sql; 3] = [
    Sql {
        postgres: "DELETE FROM team_members WHERE team_id = $1 AND user_id = ANY ($2::uuid[])",
        sqlite: "DELETE FROM team_members WHERE team_id = $1 AND user_id IN (SELECT unhex(value) FROM json_each($2))",
    },
    Sql {
        postgres: "DELETE FROM team_shares WHERE team_id = $1 AND user_id = ANY ($2::uuid[])",
        sqlite: "DELETE FROM team_shares WHERE team_id = $1 AND user_id IN (SELECT unhex(value) FROM json_each($2))",
    },
    Sql {
        postgres: "DELETE FROM team_invitations WHERE team_id = $1 AND user_id = ANY ($2::uuid[])",
        sqlite: "DELETE FROM team_invitations WHERE team_id = $1 \
                 AND user_id IN (SELECT unhex(value) FROM json_each($2))",
    },
];

const COUNT_PEOPLE: Sql = Sql::both(
    "SELECT (SELECT count(*) FROM team_members WHERE team_id = $1) + (SELECT count(*) FROM team_invitations i \
     WHERE i.team_id = $1 AND NOT EXISTS \
     (SELECT 1 FROM team_members m WHERE m.team_id = i.team_id AND m.user_id = i.user_id))",
);

impl Store {
    /// Leaves a team; nothing of the user's is shared with it from now on.
    ///
    /// # Errors
    /// When the user is no member, or is the owner.
    pub async fn leave_team(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        if lock_team(&transaction, user, id).await? == Role::Owner {
            return Err(StoreError::OwnerStays);
        }
        if !remove(&transaction, id, [user.id]).await? {
            return Err(no_team(id));
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Puts somebody out of the user's own team; nothing of theirs is shared with it from now on.
    ///
    /// # Errors
    /// When the team is not the user's own, or the other is no member, or the owner.
    pub async fn remove_member(
        &self,
        user: &User,
        team: Uuid,
        member: Uuid,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, team).await?;
        if member == user.id {
            return Err(StoreError::OwnerStays);
        }
        if !remove(&transaction, team, [member]).await? {
            return Err(StoreError::NotFound(format!("member {member}")));
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Makes the user, who asks for it, a member that shares these of the team's projects and no others.
pub(in crate::store) async fn join(
    db: &impl ConnectionTrait,
    user: &User,
    team: Uuid,
    projects: &[String],
    now: i64,
) -> Result<(), DbErr> {
    JOIN.execute(db, [team.into(), user.id.into(), now.into()])
        .await?;
    UNSHARE.execute(db, [team.into(), user.id.into()]).await?;
    share_more(db, user, team, projects).await
}

/// Shares these of the team's projects too, none of which the member, who asks for it, shares yet.
pub(in crate::store) async fn share_more(
    db: &impl ConnectionTrait,
    user: &User,
    team: Uuid,
    projects: &[String],
) -> Result<(), DbErr> {
    let projects = bind::texts(db.get_database_backend(), projects)?;
    SHARE
        .execute(db, [team.into(), user.id.into(), projects])
        .await?;
    Ok(())
}

/// Ends memberships with all that hangs on them, and answers whether there were any.
pub(in crate::store) async fn remove(
    db: &impl ConnectionTrait,
    team: Uuid,
    members: impl IntoIterator<Item = Uuid>,
) -> Result<bool, DbErr> {
    let members = bind::ids(db.get_database_backend(), members)?;
    let [members_of, shares_of, invitations_of] = &REMOVE;
    let removed = members_of
        .execute(db, [team.into(), members.clone()])
        .await?;
    for rest in [shares_of, invitations_of] {
        rest.execute(db, [team.into(), members.clone()]).await?;
    }
    Ok(removed > 0)
}

/// Refuses what made the team, or the number of those invited to it, too large.
pub(in crate::store) async fn check_size(
    db: &impl ConnectionTrait,
    team: Uuid,
) -> Result<(), StoreError> {
    let row = COUNT_PEOPLE.one(db, [team.into()]).await?;
    let people: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    let is_too_large = people
        .and_then(|people| usize::try_from(people).ok())
        .is_none_or(|people| people > MOST_TEAM_PEOPLE);
    if is_too_large {
        return Err(StoreError::TooManyPeople);
    }
    Ok(())
}
