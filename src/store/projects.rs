//! Projects.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::entity::project;
use super::{Store, StoreError, User};
use crate::model::Project;

impl Store {
    /// The user's projects, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn projects(&self, user: &User) -> Result<Vec<Project>, StoreError> {
        let rows = project::Entity::find()
            .filter(project::Column::UserId.eq(user.id))
            .order_by_asc(project::Column::Name)
            .all(&self.reader)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Project {
                id: row.id,
                name: row.name,
            })
            .collect())
    }
}
