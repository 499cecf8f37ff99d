//! Making a team, and changing it to what its owner wants: what needs nobody's consent is done, for the rest people are
//! asked.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::invitations::invite;
use super::lock::{lock_owned, lock_user_row, lock_users};
use super::members::{check_size, join, remove, share_more};
use super::team::{Team, find};
use crate::model::{MOST_OWNED_TEAMS, TeamPlan};
use crate::store::db::bind;
use crate::store::db::sql::Sql;
use crate::store::error::is_duplicate;
use crate::store::{Store, StoreError, User};

const INSERT: Sql =
    Sql::both("INSERT INTO teams (id, owner_id, name, created_at) VALUES ($1, $2, $3, $4)");

const COUNT_OWNED: Sql = Sql::both("SELECT count(*) FROM teams WHERE owner_id = $1");

const RENAME: Sql = Sql::both("UPDATE teams SET name = $2 WHERE id = $1");

const STATE: Sql = Sql {
    postgres: "SELECT \
         (SELECT coalesce(json_agg(project ORDER BY position), '[]')::text FROM team_projects WHERE team_id = $1), \
         (SELECT coalesce(json_agg(user_id), '[]')::text FROM team_members WHERE team_id = $1), \
         (SELECT coalesce(json_agg(user_id), '[]')::text FROM team_invitations WHERE team_id = $1)",
    sqlite: "SELECT \
         (SELECT json_group_array(project ORDER BY position) FROM team_projects WHERE team_id = $1), \
         (SELECT json_group_array(hex(user_id)) FROM team_members WHERE team_id = $1), \
         (SELECT json_group_array(hex(user_id)) FROM team_invitations WHERE team_id = $1)",
};

const FORGET_PROJECTS: Sql = Sql::both("DELETE FROM team_projects WHERE team_id = $1");

const INSERT_PROJECTS: Sql = Sql {
    postgres: "INSERT INTO team_projects (team_id, project, position) \
               SELECT $1, p.name, p.ordinal::int FROM unnest($2::text[]) WITH ORDINALITY AS p (name, ordinal)",
    sqlite: "INSERT INTO team_projects (team_id, project, position) SELECT $1, value, key FROM json_each($2)",
};

/// A name that is taken up again later is not shared by those who once agreed to it.
const FORGET_SHARES: Sql = Sql::both(
    "DELETE FROM team_shares WHERE team_id = $1 \
     AND project NOT IN (SELECT project FROM team_projects WHERE team_id = $1)",
);

/// What a team is before it changes.
struct State {
    projects: Vec<String>,
    members: HashSet<Uuid>,
    invited: HashSet<Uuid>,
}

impl Store {
    /// Makes a team of which the user is the owner and only member, sharing the listed projects. The others named are
    /// invited.
    ///
    /// # Errors
    /// When the user has a team of this name or as many as they may, somebody is named who is not there, these are too
    /// many, or somebody has as many of the user's invitations as they may.
    pub async fn create_team(&self, user: &User, plan: &TeamPlan) -> Result<Uuid, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        lock_user_row(&transaction, user).await?;
        let named = plan.user_ids.as_deref().unwrap_or_default();
        let there = lock_users(&transaction, named.iter().copied()).await?;
        check_named(named, &there)?;
        let id = Uuid::now_v7();
        let values = [
            id.into(),
            user.id.into(),
            plan.name.as_str().into(),
            now.into(),
        ];
        unless_taken(INSERT.execute(&transaction, values).await)?;
        check_owned(&transaction, user).await?;
        write_projects(&transaction, id, &plan.projects).await?;
        join(&transaction, user, id, &plan.projects, now).await?;
        let others = named.iter().filter(|id| **id != user.id);
        let invitations: Vec<_> = others.map(|id| (Uuid::now_v7(), *id)).collect();
        invite(&transaction, id, &invitations, false, now).await?;
        check_size(&transaction, id).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Makes the user's own team what is wanted, as far as it takes nobody's consent:
    /// - Members who are not named are removed, but for the owner; those named who are no members are invited. An
    ///   invitation of somebody not named stays. A plan that names nobody at all leaves everybody where they are.
    /// - A project that is no longer listed is not shared from now on. A new one is shared by the owner; the other
    ///   members are invited to share it.
    /// - When other projects are listed than before, invitations get a new id, so that accepting one is consent to the
    ///   list that the person saw.
    ///
    /// # Errors
    /// When the team is not the user's own, they have another of this name, somebody is named who is not there, or
    /// these are too many, or one of them has as many of the user's invitations as they may.
    pub async fn update_team(
        &self,
        user: &User,
        id: Uuid,
        plan: &TeamPlan,
    ) -> Result<Team, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        lock_owned(&transaction, user, id).await?;
        let before = state(&transaction, id).await?;
        let plan_named = plan.user_ids.as_deref();
        let mut named: HashSet<Uuid> = match plan_named {
            Some(ids) => ids.iter().copied().collect(),
            None => before.members.clone(),
        };
        named.insert(user.id);
        let everybody = named.union(&before.members).chain(&before.invited).copied();
        let there = lock_users(&transaction, everybody).await?;
        check_named(plan_named.unwrap_or_default(), &there)?;

        let renamed = RENAME.execute(&transaction, [id.into(), plan.name.as_str().into()]);
        unless_taken(renamed.await)?;
        let leaving = before.members.difference(&named).copied();
        remove(&transaction, id, leaving).await?;
        if plan.projects != before.projects {
            FORGET_PROJECTS.execute(&transaction, [id.into()]).await?;
            write_projects(&transaction, id, &plan.projects).await?;
            FORGET_SHARES.execute(&transaction, [id.into()]).await?;
            // What the owner has chosen not to share stays so.
            let old: HashSet<&String> = before.projects.iter().collect();
            let new = plan.projects.iter().filter(|name| !old.contains(name));
            let new: Vec<String> = new.cloned().collect();
            share_more(&transaction, user, id, &new).await?;
        }
        let (asked, is_other_list) = to_invite(&before, plan, &named);
        let asked = asked
            .iter()
            .filter(|id| **id != user.id && there.contains(id));
        let invitations: Vec<_> = asked.map(|id| (Uuid::now_v7(), *id)).collect();
        invite(&transaction, id, &invitations, is_other_list, now).await?;
        check_size(&transaction, id).await?;
        let team = find(&transaction, user, id).await?;
        transaction.commit().await?;
        Ok(team)
    }
}

/// Refuses what made the user's teams too many.
async fn check_owned(db: &impl ConnectionTrait, user: &User) -> Result<(), StoreError> {
    let row = COUNT_OWNED.one(db, [user.id.into()]).await?;
    let teams: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    let is_within = teams
        .and_then(|teams| usize::try_from(teams).ok())
        .is_some_and(|teams| teams <= MOST_OWNED_TEAMS);
    if is_within {
        Ok(())
    } else {
        Err(StoreError::TooManyTeams)
    }
}

/// Who is to have an invitation, and whether those who have one get a new one.
fn to_invite(before: &State, plan: &TeamPlan, named: &HashSet<Uuid>) -> (HashSet<Uuid>, bool) {
    let old: HashSet<&String> = before.projects.iter().collect();
    let new: HashSet<&String> = plan.projects.iter().collect();
    let is_in_team = |id: &Uuid| before.members.contains(id);
    let mut asked: HashSet<Uuid> = named.iter().copied().filter(|id| !is_in_team(id)).collect();
    if new != old {
        let waiting = |id: &Uuid| named.contains(id) || !is_in_team(id);
        asked.extend(before.invited.iter().copied().filter(waiting));
    }
    if !new.is_subset(&old) {
        asked.extend(named.intersection(&before.members));
    }
    (asked, new != old)
}

async fn state(db: &impl ConnectionTrait, id: Uuid) -> Result<State, StoreError> {
    let row = STATE.one(db, [id.into()]).await?;
    let row = row.ok_or_else(|| super::team::no_team(id))?;
    Ok(State {
        projects: bind::read(&row, 0)?,
        members: bind::read(&row, 1)?,
        invited: bind::read(&row, 2)?,
    })
}

async fn write_projects(
    db: &impl ConnectionTrait,
    id: Uuid,
    projects: &[String],
) -> Result<(), StoreError> {
    let projects = bind::texts(db.get_database_backend(), projects)?;
    INSERT_PROJECTS.execute(db, [id.into(), projects]).await?;
    Ok(())
}

fn check_named(named: &[Uuid], there: &HashSet<Uuid>) -> Result<(), StoreError> {
    match named.iter().find(|id| !there.contains(id)) {
        Some(unknown) => Err(StoreError::UnknownUser(*unknown)),
        None => Ok(()),
    }
}

/// The owner's other teams have other names.
fn unless_taken(written: Result<u64, DbErr>) -> Result<(), StoreError> {
    match written {
        Ok(_) => Ok(()),
        Err(error) if is_duplicate(&error) => Err(StoreError::TeamExists),
        Err(error) => Err(error.into()),
    }
}
