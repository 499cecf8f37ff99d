//! Creates, updates and deletes teams. What needs no consent is done at once; for the rest, users are invited.
//!
//! SQL by hand: [`STATE`] reads three tables in one statement.

use std::collections::HashSet;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _, QueryTrait as _,
};
use uuid::Uuid;

use super::invitations::invite_users;
use super::lock::{lock_owned, lock_user_row, lock_users};
use super::members::{check_size, join_team, remove_members, share_projects};
use super::team::{Team, find_team, no_team};
use crate::model::{MOST_OWNED_TEAMS, TeamPlan};
use crate::store::db::bind::JsonText;
use crate::store::db::sql::Sql;
use crate::store::entity::{team, team_project, team_share};
use crate::store::error::is_duplicate;
use crate::store::{Store, StoreError, User};

const STATE: Sql = Sql {
    postgres: "SELECT \
         (SELECT coalesce(json_agg(project ORDER BY position), '[]')::text \
          FROM team_projects WHERE team_id = $1) AS projects, \
         (SELECT coalesce(json_agg(user_id), '[]')::text \
          FROM team_members WHERE team_id = $1) AS members, \
         (SELECT coalesce(json_agg(user_id), '[]')::text \
          FROM team_invitations WHERE team_id = $1) AS invited",
    sqlite: "SELECT \
         (SELECT json_group_array(project ORDER BY position) \
          FROM team_projects WHERE team_id = $1) AS projects, \
         (SELECT json_group_array(hex(user_id)) FROM team_members WHERE team_id = $1) AS members, \
         (SELECT json_group_array(hex(user_id)) FROM team_invitations WHERE team_id = $1) \
            AS invited",
};

/// A team before an update.
#[derive(FromQueryResult)]
struct State {
    projects: JsonText<Vec<String>>,
    members: JsonText<HashSet<Uuid>>,
    invited: JsonText<HashSet<Uuid>>,
}

impl Store {
    /// Creates a team with the user as owner and only member, who shares its projects. The other users
    /// of the plan are invited.
    ///
    /// # Errors
    /// When the user has a team of this name, a user does not exist, or a limit is exceeded.
    pub async fn create_team(&self, user: &User, plan: &TeamPlan) -> Result<Uuid, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        lock_user_row(&transaction, user).await?;
        let named = plan.user_ids.as_deref().unwrap_or_default();
        let existing = lock_users(&transaction, named.iter().copied()).await?;
        check_users(named, &existing)?;
        let team = team::Model {
            id: Uuid::now_v7(),
            owner_id: user.id,
            name: plan.name.as_str().to_owned(),
            created_at: now,
        };
        let id = team.id;
        let inserted = team::Entity::insert(team.into_active_model())
            .exec_without_returning(&transaction)
            .await;
        check_name(inserted)?;
        let owned = team::Entity::find().filter(team::Column::OwnerId.eq(user.id));
        if owned.count(&transaction).await? > MOST_OWNED_TEAMS as u64 {
            return Err(StoreError::TooManyTeams);
        }
        insert_projects(&transaction, id, &plan.projects).await?;
        join_team(&transaction, user, id, &plan.projects, now).await?;
        let others = named.iter().filter(|id| **id != user.id);
        let invitations: Vec<_> = others.map(|id| (Uuid::now_v7(), *id)).collect();
        invite_users(&transaction, id, &invitations, false, now).await?;
        check_size(&transaction, id).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Updates the user's own team to the plan, as far as no consent is needed:
    /// - Members who are not in the plan are removed, except for the owner. Users in the plan who are
    ///   not members are invited. Other invitations stay. A plan without users changes none.
    /// - A project that is no longer in the plan is no longer shared. A new one is shared by the owner;
    ///   the other members are invited to share it.
    /// - When the projects change, invitations get a new id, so that accepting one is consent to the
    ///   list that the user saw.
    ///
    /// # Errors
    /// When the user does not own the team or has another one of this name, a user does not exist, or a
    /// limit is exceeded.
    pub async fn update_team(
        &self,
        user: &User,
        id: Uuid,
        plan: &TeamPlan,
    ) -> Result<Team, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, id).await?;
        let before: Option<State> = STATE.find(&transaction, [id.into()]).await?;
        let before = before.ok_or_else(|| no_team(id))?;
        let (members, invited) = (&before.members.0, &before.invited.0);
        let mut named: HashSet<Uuid> = match &plan.user_ids {
            Some(ids) => ids.iter().copied().collect(),
            None => members.clone(),
        };
        named.insert(user.id);
        let everyone = named.union(members).chain(invited).copied();
        let existing = lock_users(&transaction, everyone).await?;
        check_users(plan.user_ids.as_deref().unwrap_or_default(), &existing)?;

        let renamed = team::Entity::update_many()
            .col_expr(team::Column::Name, Expr::value(plan.name.as_str()))
            .filter(team::Column::Id.eq(id))
            .exec(&transaction)
            .await;
        check_name(renamed)?;
        remove_members(&transaction, id, members.difference(&named).copied()).await?;
        if plan.projects != before.projects.0 {
            replace_projects(&transaction, id, &plan.projects).await?;
            // The owner's choice not to share a project stays.
            let old: HashSet<&String> = before.projects.0.iter().collect();
            let new = plan.projects.iter().filter(|name| !old.contains(name));
            let new: Vec<String> = new.cloned().collect();
            share_projects(&transaction, user, id, &new).await?;
        }
        let (invitees, is_renewal) = users_to_invite(&before, plan, &named);
        let invitees = invitees
            .into_iter()
            .filter(|id| *id != user.id && existing.contains(id));
        let invitations: Vec<_> = invitees.map(|id| (Uuid::now_v7(), id)).collect();
        invite_users(&transaction, id, &invitations, is_renewal, now).await?;
        check_size(&transaction, id).await?;
        let team = find_team(&transaction, user, id).await?;
        transaction.commit().await?;
        Ok(team)
    }

    /// Deletes the user's own team and everything that was shared with it.
    ///
    /// # Errors
    /// When the user does not own the team.
    pub async fn delete_team(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, id).await?;
        team::Entity::delete_by_id(id).exec(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The users who get an invitation, and whether existing invitations are replaced.
fn users_to_invite(
    before: &State,
    plan: &TeamPlan,
    named: &HashSet<Uuid>,
) -> (HashSet<Uuid>, bool) {
    let (members, invited) = (&before.members.0, &before.invited.0);
    let old: HashSet<&String> = before.projects.0.iter().collect();
    let new: HashSet<&String> = plan.projects.iter().collect();
    let mut invitees: HashSet<Uuid> = named.difference(members).copied().collect();
    if new != old {
        let waits = |id: &Uuid| named.contains(id) || !members.contains(id);
        invitees.extend(invited.iter().copied().filter(waits));
    }
    if !new.is_subset(&old) {
        invitees.extend(named.intersection(members));
    }
    (invitees, new != old)
}

async fn insert_projects(
    db: &impl ConnectionTrait,
    team: Uuid,
    projects: &[String],
) -> Result<(), StoreError> {
    let rows = (0..).zip(projects).map(|(position, project)| {
        let row = team_project::Model {
            team_id: team,
            project: project.clone(),
            position,
        };
        row.into_active_model()
    });
    team_project::Entity::insert_many(rows)
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Replaces the list of projects, and deletes consent to share those that are no longer listed: if
/// the name is listed again later, the members are asked again.
async fn replace_projects(
    db: &impl ConnectionTrait,
    team: Uuid,
    projects: &[String],
) -> Result<(), StoreError> {
    team_project::Entity::delete_many()
        .filter(team_project::Column::TeamId.eq(team))
        .exec(db)
        .await?;
    insert_projects(db, team, projects).await?;
    let listed = team_project::Entity::find()
        .select_only()
        .column(team_project::Column::Project)
        .filter(team_project::Column::TeamId.eq(team));
    team_share::Entity::delete_many()
        .filter(team_share::Column::TeamId.eq(team))
        .filter(team_share::Column::Project.not_in_subquery(listed.into_query()))
        .exec(db)
        .await?;
    Ok(())
}

fn check_users(named: &[Uuid], existing: &HashSet<Uuid>) -> Result<(), StoreError> {
    match named.iter().find(|id| !existing.contains(id)) {
        Some(unknown) => Err(StoreError::UnknownUser(*unknown)),
        None => Ok(()),
    }
}

/// The names of an owner's teams are unique.
fn check_name<T>(written: Result<T, DbErr>) -> Result<(), StoreError> {
    match written {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(StoreError::TeamExists),
        Err(error) => Err(error.into()),
    }
}
