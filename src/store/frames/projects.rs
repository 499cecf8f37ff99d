//! Projects: lists, renames, archives and deletes them.
//!
//! SQL by hand: [`AUTHENTICATE`] loads what Watson asks for often with the token, and packs the
//! projects into one value, because rows cost more than what is in them. [`RENEW_FRAMES`] numbers any
//! number of frames.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::one::delete_frames;
use crate::model::{Project, ProjectName, quoted};
use crate::store::accounts::caller::find_token;
use crate::store::db::row_pack::{ID, items};
use crate::store::db::secret::hash;
use crate::store::db::sql::Sql;
use crate::store::entity::project::{Column, Entity, Model};
use crate::store::entity::{frame, team_share};
use crate::store::error::is_duplicate;
use crate::store::sync::push::{advance_seq, lock_user};
use crate::store::{Caller, Store, StoreError, User};

/// A project as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnProject {
    /// Its id and name.
    pub project: Project,
    /// Whether it is archived.
    pub archived: bool,
}

/// What to change of a project; `None` keeps the value.
#[derive(Clone, Debug, Default)]
pub struct ProjectChange {
    /// A new name, which all its frames take.
    pub name: Option<ProjectName>,
    /// Whether to archive it, or to take it out of the archive.
    pub archived: Option<bool>,
}

/// The token, and the projects in use.
const AUTHENTICATE: Sql = Sql::both(find_token!(
    ", (SELECT coalesce(string_agg(p.packed, decode('00', 'hex')), '') \
        FROM (SELECT uuid_send(id) || convert_to(name, 'UTF8') AS packed FROM projects \
              WHERE user_id = t.user_id AND archived_at IS NULL ORDER BY name) p) AS projects";
    ""
));

/// Gives each frame of a project a new number, in the order of the old ones, and no writer, so that
/// every device is sent it.
const RENEW_FRAMES: Sql = Sql::both(
    "UPDATE frames SET seq = n.seq, written_by = NULL, updated_at = $4 \
     FROM (SELECT id, $3 + row_number() OVER (ORDER BY seq) AS seq FROM frames \
           WHERE user_id = $1 AND project_id = $2) n \
     WHERE frames.user_id = $1 AND frames.id = n.id",
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
        let hash = hash(token);
        let values = [hash.clone().into()];
        let Some(row) = AUTHENTICATE.one(&self.reader, values).await? else {
            return Ok(None);
        };
        let Some(caller) = self.read_caller(&row, hash).await? else {
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

    /// The user's projects in use, or those in the archive, by name.
    pub async fn list_projects(
        &self,
        user: &User,
        archived: bool,
    ) -> Result<Vec<Project>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user.id))
            .filter(if archived {
                Column::ArchivedAt.is_not_null()
            } else {
                Column::ArchivedAt.is_null()
            })
            .order_by_asc(Column::Name)
            .all(&self.reader)
            .await?;
        let projects = rows.into_iter().map(|row| OwnProject::from(row).project);
        Ok(projects.collect())
    }

    /// All projects of the user, by name.
    pub async fn list_all_projects(&self, user: &User) -> Result<Vec<OwnProject>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user.id))
            .order_by_asc(Column::Name)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(OwnProject::from).collect())
    }

    /// A project.
    ///
    /// # Errors
    /// When the user has no such project.
    pub async fn get_project(&self, user: &User, id: Uuid) -> Result<OwnProject, StoreError> {
        Ok(find_project(&self.reader, user, id).await?.into())
    }

    /// Renames or archives a project. A rename changes all its frames, which devices are sent at their
    /// next sync. Projects are shared with teams by name, so a rename ends the consent to share both
    /// the old and the new name.
    ///
    /// # Errors
    /// When the user has no such project, or has another one of that name.
    pub async fn update_project(
        &self,
        user: &User,
        id: Uuid,
        change: ProjectChange,
    ) -> Result<OwnProject, StoreError> {
        let transaction = self.begin().await?;
        let seq = lock_user(&transaction, user, 0).await?.seq;
        let before = find_project(&transaction, user, id).await?;
        let mut after = before.clone();
        let now = self.clock.now();
        if let Some(name) = &change.name {
            after.name = name.as_str().to_owned();
        }
        if let Some(archived) = change.archived {
            after.archived_at = archived.then(|| before.archived_at.unwrap_or(now));
        }
        if after == before {
            return Ok(after.into());
        }
        write_project(&transaction, &after).await?;
        if after.name != before.name {
            let values = [user.id.into(), id.into(), seq.into(), now.into()];
            let renewed = RENEW_FRAMES.execute(&transaction, values).await?;
            let newest = seq + i64::try_from(renewed).unwrap_or(i64::MAX);
            advance_seq(&transaction, user, newest).await?;
            delete_consent(&transaction, user, [&before.name, &after.name]).await?;
        }
        transaction.commit().await?;
        Ok(after.into())
    }

    /// Deletes a project that has no frames, or, if `with_frames`, also its frames. Deletes the
    /// consent to share it, too, so that another project that gets its name is not shared.
    ///
    /// # Errors
    /// When the user has no such project, or it has frames that are not to be deleted.
    pub async fn delete_project(
        &self,
        user: &User,
        id: Uuid,
        with_frames: bool,
    ) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        lock_user(&transaction, user, 0).await?;
        let Model { name, .. } = find_project(&transaction, user, id).await?;
        let of_project = frame::Column::ProjectId.eq(id);
        if with_frames {
            delete_frames(&transaction, user, of_project, self.clock.now()).await?;
        } else {
            let frames = frame::Entity::find()
                .filter(frame::Column::UserId.eq(user.id))
                .filter(of_project);
            let frames = frames.count(&transaction).await?;
            if frames > 0 {
                return Err(StoreError::HasFrames(frames));
            }
        }
        Entity::delete_by_id(id).exec(&transaction).await?;
        delete_consent(&transaction, user, [&name, &name]).await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// Deletes the user's consent to share projects of these names with teams.
async fn delete_consent(
    db: &impl ConnectionTrait,
    user: &User,
    names: [&String; 2],
) -> Result<(), DbErr> {
    team_share::Entity::delete_many()
        .filter(team_share::Column::UserId.eq(user.id))
        .filter(team_share::Column::Project.is_in(names.map(String::as_str)))
        .exec(db)
        .await?;
    Ok(())
}

async fn find_project(
    db: &impl ConnectionTrait,
    user: &User,
    id: Uuid,
) -> Result<Model, StoreError> {
    let row = Entity::find_by_id(id)
        .filter(Column::UserId.eq(user.id))
        .one(db)
        .await?;
    row.ok_or_else(|| StoreError::NotFound(format!("project {id}")))
}

async fn write_project(transaction: &DatabaseTransaction, row: &Model) -> Result<(), StoreError> {
    let updated = Entity::update_many()
        .col_expr(Column::Name, Expr::value(row.name.as_str()))
        .col_expr(Column::ArchivedAt, Expr::value(row.archived_at))
        .filter(Column::Id.eq(row.id))
        .exec(transaction)
        .await;
    match updated {
        Err(error) if is_duplicate(&error) => {
            let name = quoted(&row.name);
            Err(StoreError::Exists(format!("a project {name}")))
        }
        updated => Ok(updated.map(drop)?),
    }
}

impl From<Model> for OwnProject {
    fn from(row: Model) -> Self {
        Self {
            project: Project {
                id: row.id,
                name: row.name,
            },
            archived: row.archived_at.is_some(),
        }
    }
}
