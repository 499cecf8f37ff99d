//! Members of teams and what they share, and how both end.
//!
//! SQL by hand: [`COUNT_PEOPLE`] counts two tables in one statement.

use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _, QueryTrait as _,
};
use uuid::Uuid;

use super::lock::{Role, lock_owned, lock_team};
use super::team::no_team;
use crate::model::MOST_TEAM_PEOPLE;
use crate::store::db::sql::Sql;
use crate::store::entity::{team_invitation, team_member, team_project, team_share};
use crate::store::{Store, StoreError, User};

/// Members and those invited who are not members.
const COUNT_PEOPLE: Sql = Sql::both(
    "SELECT (SELECT count(*) FROM team_members WHERE team_id = $1) \
        + (SELECT count(*) FROM team_invitations i WHERE i.team_id = $1 AND NOT EXISTS \
             (SELECT 1 FROM team_members m WHERE m.team_id = i.team_id AND m.user_id = i.user_id)) \
        AS people",
);

impl Store {
    /// Leaves a team and stops sharing anything with it.
    ///
    /// # Errors
    /// When the user is not a member, or is the owner.
    pub async fn leave_team(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        if lock_team(&transaction, user, id).await? == Role::Owner {
            return Err(StoreError::OwnerStays);
        }
        if !remove_members(&transaction, id, [user.id]).await? {
            return Err(no_team(id));
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Removes a member from the user's own team, and everything that the member shares with it.
    ///
    /// # Errors
    /// When the user does not own the team, or `member` is not a member, or is the owner.
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
        if !remove_members(&transaction, team, [member]).await? {
            return Err(StoreError::NotFound(format!("member {member}")));
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Makes the user a member who shares exactly these of the team's projects.
pub(super) async fn join_team(
    db: &impl ConnectionTrait,
    user: &User,
    team: Uuid,
    projects: &[String],
    now: i64,
) -> Result<(), DbErr> {
    let member = team_member::Model {
        team_id: team,
        user_id: user.id,
        joined_at: now,
    };
    let key = [team_member::Column::TeamId, team_member::Column::UserId];
    team_member::Entity::insert(member.into_active_model())
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    team_share::Entity::delete_many()
        .filter(team_share::Column::TeamId.eq(team))
        .filter(team_share::Column::UserId.eq(user.id))
        .exec(db)
        .await?;
    share_projects(db, user, team, projects).await
}

/// Shares these of the team's projects too, none of which the member shares yet.
pub(super) async fn share_projects(
    db: &impl ConnectionTrait,
    user: &User,
    team: Uuid,
    projects: &[String],
) -> Result<(), DbErr> {
    let shares = team_project::Entity::find()
        .select_only()
        .column(team_project::Column::TeamId)
        .expr(Expr::value(user.id))
        .column(team_project::Column::Project)
        .filter(team_project::Column::TeamId.eq(team))
        .filter(team_project::Column::Project.is_in(projects.iter().map(String::as_str)))
        .into_query();
    let mut insert = Query::insert();
    insert.into_table(team_share::Entity).columns([
        team_share::Column::TeamId,
        team_share::Column::UserId,
        team_share::Column::Project,
    ]);
    let select = insert.select_from(shares);
    select.map_err(|error| DbErr::Custom(error.to_string()))?;
    db.execute(&insert).await?;
    Ok(())
}

/// Removes members with what they share, and with their invitations, which would let them back in.
/// Returns whether there were any.
pub(super) async fn remove_members(
    db: &impl ConnectionTrait,
    team: Uuid,
    members: impl IntoIterator<Item = Uuid>,
) -> Result<bool, DbErr> {
    let members: Vec<Uuid> = members.into_iter().collect();
    let removed = team_member::Entity::delete_many()
        .filter(team_member::Column::TeamId.eq(team))
        .filter(team_member::Column::UserId.is_in(members.clone()))
        .exec(db)
        .await?;
    team_share::Entity::delete_many()
        .filter(team_share::Column::TeamId.eq(team))
        .filter(team_share::Column::UserId.is_in(members.clone()))
        .exec(db)
        .await?;
    team_invitation::Entity::delete_many()
        .filter(team_invitation::Column::TeamId.eq(team))
        .filter(team_invitation::Column::UserId.is_in(members))
        .exec(db)
        .await?;
    Ok(removed.rows_affected > 0)
}

/// Limits the number of members and invited users of a team.
pub(super) async fn check_size(db: &impl ConnectionTrait, team: Uuid) -> Result<(), StoreError> {
    let row = COUNT_PEOPLE.one(db, [team.into()]).await?;
    let people: i64 = row.ok_or_else(|| no_team(team))?.try_get("", "people")?;
    if usize::try_from(people).is_ok_and(|people| people <= MOST_TEAM_PEOPLE) {
        return Ok(());
    }
    Err(StoreError::TooManyPeople)
}
