//! People.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::model::LoginPrefix;
use crate::store::db::sql::Sql;
use crate::store::entity::user;
use crate::store::error::is_duplicate;
use crate::store::{Store, StoreError};

/// Somebody whose data may be touched. Only the store makes one, from a login or from a valid token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub(in crate::store) id: Uuid,
    pub(in crate::store) login: String,
    pub(in crate::store) avatar_url: Option<String>,
}

/// What one user may know of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The server's own name for the person.
    pub id: Uuid,
    /// The name a person is known by.
    pub login: String,
    /// A picture of them.
    pub avatar_url: Option<String>,
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

    /// A picture of the person.
    #[must_use]
    pub fn avatar_url(&self) -> Option<&str> {
        self.avatar_url.as_deref()
    }
}

/// The longest login.
pub(in crate::store) const MOST_LOGIN_CHARACTERS: usize = 64;
/// The most people that a search answers.
const MOST_FOUND: u64 = 10;

/// Whether a character may stand in a login.
pub(in crate::store) fn fits_login(c: char) -> bool {
    c.is_alphanumeric() || "._-@+".contains(c)
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
    pub async fn create_user(&self, login: &str) -> Result<User, StoreError> {
        let length = login.chars().count();
        if length == 0 || length > MOST_LOGIN_CHARACTERS || !login.chars().all(fits_login) {
            return Err(InvalidLogin.into());
        }
        let user = User {
            id: Uuid::now_v7(),
            login: login.to_owned(),
            avatar_url: None,
        };
        let row = user::ActiveModel {
            id: Set(user.id),
            login: Set(user.login.clone()),
            seq: Set(0),
            created_at: Set(self.clock.now()),
            avatar_url: Set(None),
        };
        // Without RETURNING: of a statement that answers rows SQLite's driver does not hear that it could not be committed.
        match user::Entity::insert(row)
            .exec_without_returning(&self.writer)
            .await
        {
            Ok(_) => Ok(user),
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
    pub async fn find_user(&self, login: &str) -> Result<User, StoreError> {
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
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        let rows = user::Entity::find()
            .order_by_asc(user::Column::Login)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// The first ten people, by login, whose login begins with `prefix`, whatever the case of its letters.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_users(
        &self,
        _: &User,
        prefix: &LoginPrefix,
    ) -> Result<Vec<Person>, StoreError> {
        const FIND: Sql = Sql::both(
            "SELECT id, login, avatar_url FROM users WHERE lower(login) LIKE lower($1) ESCAPE '!' \
             ORDER BY lower(login), login LIMIT $2",
        );
        let prefix = prefix.as_str();
        let mut pattern = String::with_capacity(prefix.len() + 1);
        for c in prefix.chars() {
            if "!%_".contains(c) {
                pattern.push('!');
            }
            pattern.push(c);
        }
        pattern.push('%');
        let rows = FIND
            .all(&self.reader, [pattern.into(), MOST_FOUND.into()])
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Person {
                    id: row.try_get_by_index(0)?,
                    login: row.try_get_by_index(1)?,
                    avatar_url: row.try_get_by_index(2)?,
                })
            })
            .collect()
    }

    /// Removes a user with all their data, and the teams they own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_user(&self, user: &User) -> Result<(), StoreError> {
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
            avatar_url: row.avatar_url,
        }
    }
}
