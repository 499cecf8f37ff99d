//! Projects: listed, renamed, put away, removed.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    Value,
};
use uuid::Uuid;

use crate::model::{Project, ProjectName, quoted};
use crate::store::accounts::caller::find_token;
use crate::store::db::row_pack::{ID, items};
use crate::store::db::secret::hash;
use crate::store::db::sql::Sql;
use crate::store::entity::project;
use crate::store::error::is_duplicate;
use crate::store::sync::push::{advance_seq, lock_user};
use crate::store::{Caller, Store, StoreError, User};

/// A project as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnProject {
    /// Its name, and the server's own name for it.
    pub project: Project,
    /// Whether its owner put it away.
    pub archived: bool,
}

/// What to change of a project; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct ProjectChange {
    /// Another name, which all its frames take.
    pub name: Option<ProjectName>,
    /// Put it away, or take it up again.
    pub archived: Option<bool>,
}

const CHANGE: Sql = Sql::both(
    "UPDATE projects SET name = $3, archived_at = CASE WHEN $4 THEN coalesce(archived_at, $5) END \
     WHERE user_id = $1 AND id = $2",
);
/// Gives each frame of a project a new place in the sequence, in the order of the old ones, and no writer: every device
/// will be sent it.
const RENEW_FRAMES: Sql = Sql::both(
    "UPDATE frames SET seq = n.seq, written_by = NULL, updated_at = $4 \
     FROM (SELECT id, $3 + row_number() OVER (ORDER BY seq) AS seq FROM frames \
           WHERE user_id = $1 AND project_id = $2) n \
     WHERE frames.user_id = $1 AND frames.id = n.id",
);
const COUNT_FRAMES: Sql =
    Sql::both("SELECT count(*) FROM frames WHERE user_id = $1 AND project_id = $2");
/// As for one frame: pushed unchanged by a device, it does not come back.
const BURY_FRAMES: Sql = Sql::both(
    "INSERT INTO tombstones (user_id, frame_id, project, start_at, end_at, tags, deleted_at) \
     SELECT f.user_id, f.id, p.name, f.start_at, f.end_at, f.tags, $3 \
     FROM frames f JOIN projects p ON p.id = f.project_id WHERE f.user_id = $1 AND f.project_id = $2",
);
const REMOVE_FRAMES: Sql = Sql::both("DELETE FROM frames WHERE user_id = $1 AND project_id = $2");
const REMOVE: Sql = Sql::both("DELETE FROM projects WHERE user_id = $1 AND id = $2");
/// Consent is for the project that had the name when it was given, not for whichever has it later.
const FORGET_CONSENT: Sql =
    Sql::both("DELETE FROM team_shares WHERE user_id = $1 AND project IN ($2, $3)");

/// The token, then the projects in use, packed.
const AUTHENTICATE: &str = find_token!(
    ", (SELECT coalesce(string_agg(p.packed, decode('00', 'hex')), '') \
        FROM (SELECT uuid_send(id) || convert_to(name, 'UTF8') AS packed FROM projects \
              WHERE user_id = t.user_id AND archived_at IS NULL ORDER BY name) p) AS projects";
    ""
);

impl Store {
    /// [`Store::authenticate`] with the user's projects in use, by name. On PostgreSQL both are read
    /// by one statement.
    ///
    /// # Errors
    /// A failure of the database says nothing about the token.
    pub async fn authenticate_with_projects(
        &self,
        token: &str,
    ) -> Result<Option<(Caller, Vec<Project>)>, StoreError> {
        if !self.is_postgres() {
            let Some(caller) = self.authenticate(token).await? else {
                return Ok(None);
            };
            let projects = self.list_projects(&caller.user, false).await?;
            return Ok(Some((caller, projects)));
        }
        let hash = Value::from(hash(token));
        let Some(row) = Sql::both(AUTHENTICATE).one(&self.reader, [hash]).await? else {
            return Ok(None);
        };
        let Some(caller) = self.read_caller(&row).await? else {
            return Ok(None);
        };
        let packed: Vec<u8> = row.try_get("", "projects")?;
        let projects = items::<ID>(&packed).map(|item| {
            item.map(|(id, name)| Project {
                id: Uuid::from_bytes(*id),
                name: name.to_owned(),
            })
        });
        Ok(Some((caller, projects.collect::<Result<_, DbErr>>()?)))
    }

    /// The user's projects in use, or those put away, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_projects(
        &self,
        user: &User,
        archived: bool,
    ) -> Result<Vec<Project>, StoreError> {
        let put_away = project::Column::ArchivedAt;
        let rows = project::Entity::find()
            .filter(project::Column::UserId.eq(user.id))
            .filter(if archived {
                put_away.is_not_null()
            } else {
                put_away.is_null()
            })
            .order_by_asc(project::Column::Name)
            .all(&self.reader)
            .await?;
        let projects = rows.into_iter().map(|row| Project {
            id: row.id,
            name: row.name,
        });
        Ok(projects.collect())
    }

    /// All projects of the user, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_all_projects(&self, user: &User) -> Result<Vec<OwnProject>, StoreError> {
        let rows = project::Entity::find()
            .filter(project::Column::UserId.eq(user.id))
            .order_by_asc(project::Column::Name)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(OwnProject::from).collect())
    }

    /// A project.
    ///
    /// # Errors
    /// When this user has no such project.
    pub async fn get_project(&self, user: &User, id: Uuid) -> Result<OwnProject, StoreError> {
        own_project(&self.reader, user, id).await
    }

    /// Renames a project or puts it away. A rename is a change of every frame of it, which devices are sent at their next
    /// sync. What the project's owner shares with a team is shared by its name, so a rename ends it, and whatever they
    /// agreed to share by the new name: they agree anew to what has that name now.
    ///
    /// # Errors
    /// When this user has no such project, or another one of that name.
    pub async fn update_project(
        &self,
        user: &User,
        id: Uuid,
        change: ProjectChange,
    ) -> Result<OwnProject, StoreError> {
        let transaction = self.begin().await?;
        let seq = lock_user(&transaction, user, 0).await?.seq;
        let before = own_project(&transaction, user, id).await?;
        let name = change.name.as_ref().map(ProjectName::as_str);
        let after = OwnProject {
            project: Project {
                id,
                name: name.unwrap_or(&before.project.name).to_owned(),
            },
            archived: change.archived.unwrap_or(before.archived),
        };
        if after == before {
            return Ok(after);
        }
        let now = self.clock.now();
        write(&transaction, user, &after, now).await?;
        if after.project.name != before.project.name {
            renew_frames(&transaction, user, id, seq, now).await?;
            let names = [&before.project.name, &after.project.name];
            forget_consent(&transaction, user, names).await?;
        }
        transaction.commit().await?;
        Ok(after)
    }

    /// Removes a project; its frames too, or it has to have none. The user's consent to share it goes with it, so that
    /// another project that gets its name is not shared.
    ///
    /// # Errors
    /// When this user has no such project, or it has frames that are not to be removed.
    pub async fn delete_project(
        &self,
        user: &User,
        id: Uuid,
        with_frames: bool,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_user(&transaction, user, 0).await?;
        let Project { name, .. } = own_project(&transaction, user, id).await?.project;
        let key = || [user.id.into(), id.into()];
        if with_frames {
            BURY_FRAMES
                .execute(
                    &transaction,
                    [user.id.into(), id.into(), self.clock.now().into()],
                )
                .await?;
            REMOVE_FRAMES.execute(&transaction, key()).await?;
        } else if let Some(row) = COUNT_FRAMES.one(&transaction, key()).await? {
            let frames: i64 = row.try_get_by_index(0)?;
            if frames > 0 {
                return Err(StoreError::HasFrames(frames.unsigned_abs()));
            }
        }
        REMOVE.execute(&transaction, key()).await?;
        forget_consent(&transaction, user, [&name, &name]).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Ends the user's consent to share what is called so, in every team.
async fn forget_consent(
    transaction: &DatabaseTransaction,
    user: &User,
    [first, second]: [&String; 2],
) -> Result<(), StoreError> {
    let values = [
        user.id.into(),
        first.as_str().into(),
        second.as_str().into(),
    ];
    FORGET_CONSENT.execute(transaction, values).await?;
    Ok(())
}

async fn own_project(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<OwnProject, StoreError> {
    let row = project::Entity::find_by_id(id)
        .filter(project::Column::UserId.eq(user.id))
        .one(db)
        .await?;
    let row = row.ok_or_else(|| StoreError::NotFound(format!("project {id}")))?;
    Ok(row.into())
}

impl From<project::Model> for OwnProject {
    fn from(row: project::Model) -> Self {
        Self {
            project: Project {
                id: row.id,
                name: row.name,
            },
            archived: row.archived_at.is_some(),
        }
    }
}

async fn write(
    transaction: &DatabaseTransaction,
    user: &User,
    after: &OwnProject,
    now: i64,
) -> Result<(), StoreError> {
    let Project { id, name } = &after.project;
    let values = [
        user.id.into(),
        (*id).into(),
        name.as_str().into(),
        after.archived.into(),
        now.into(),
    ];
    match CHANGE.execute(transaction, values).await {
        Err(error) if is_duplicate(&error) => {
            Err(StoreError::Exists(format!("a project {}", quoted(name))))
        }
        outcome => outcome.map(drop).map_err(StoreError::from),
    }
}

async fn renew_frames(
    transaction: &DatabaseTransaction,
    user: &User,
    project: Uuid,
    seq: i64,
    now: i64,
) -> Result<(), StoreError> {
    let values = [user.id.into(), project.into(), seq.into(), now.into()];
    let renewed = RENEW_FRAMES.execute(transaction, values).await?;
    let newest = seq + i64::try_from(renewed).unwrap_or(i64::MAX);
    advance_seq(transaction, user, newest).await
}
