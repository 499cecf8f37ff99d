//! People.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::entity::user;
use super::error::is_duplicate;
use super::{Store, StoreError, now};

/// Somebody whose data may be touched. Only the store makes one, from a login or from a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub(super) id: Uuid,
    pub(super) login: String,
}

impl User {
    /// The server's own name for the person; appears in logs.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The name a person is known by.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }
}

/// A login is what people type and see.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a login has 1 to 64 characters: letters, digits, and . _ - @ +")]
pub struct InvalidLogin;

impl Store {
    /// Makes a user.
    ///
    /// # Errors
    /// When the login cannot be one or is taken.
    pub async fn user_add(&self, login: &str) -> Result<User, StoreError> {
        let fits = |c: char| c.is_alphanumeric() || "._-@+".contains(c);
        if login.is_empty() || login.chars().count() > 64 || !login.chars().all(fits) {
            return Err(InvalidLogin.into());
        }
        let row = user::ActiveModel {
            id: Set(Uuid::now_v7()),
            login: Set(login.to_owned()),
            seq: Set(0),
            created_at: Set(now()),
        };
        match user::Entity::insert(row)
            .exec_with_returning(&self.writer)
            .await
        {
            Ok(row) => Ok(row.into()),
            Err(error) if is_duplicate(&error) => {
                Err(StoreError::Exists(format!("a user {login}")))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The user with this login.
    ///
    /// # Errors
    /// When there is none.
    pub async fn user(&self, login: &str) -> Result<User, StoreError> {
        let row = user::Entity::find()
            .filter(user::Column::Login.eq(login))
            .one(&self.reader)
            .await?;
        row.map(User::from)
            .ok_or_else(|| StoreError::NotFound(format!("user {login}")))
    }

    /// Everybody, by login.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        let rows = user::Entity::find()
            .order_by_asc(user::Column::Login)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// Removes a user with all their data.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn user_remove(&self, user: &User) -> Result<(), StoreError> {
        user::Entity::delete_by_id(user.id)
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id,
            login: row.login,
        }
    }
}
