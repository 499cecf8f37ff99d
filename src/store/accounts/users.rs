//! Creates, finds and deletes users.

use sea_orm::sea_query::{Expr, Func, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::model::LoginPrefix;
use crate::store::entity::user;
use crate::store::{Person, Store, StoreError, User};

/// The longest login.
pub(super) const MAX_LOGIN_CHARACTERS: usize = 64;
/// The most users that a search returns.
const MAX_FOUND: u64 = 10;

/// Whether a login may contain this character.
pub(super) fn fits_login(c: char) -> bool {
    c.is_alphanumeric() || "._-@+".contains(c)
}

impl Store {
    /// Creates a user.
    ///
    /// # Errors
    /// When the login is invalid or taken.
    pub async fn create_user(&self, login: &str) -> Result<User, StoreError> {
        let length = login.chars().count();
        if !(1..=MAX_LOGIN_CHARACTERS).contains(&length) || !login.chars().all(fits_login) {
            return Err(StoreError::InvalidLogin);
        }
        let user = insert_user(&self.writer, login, None, self.clock.now()).await?;
        user.ok_or_else(|| StoreError::Exists(format!("a user {login}")))
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

    /// All users, by login.
    pub async fn list_users(&self) -> Result<Vec<User>, StoreError> {
        let rows = user::Entity::find()
            .order_by_asc(user::Column::Login)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// The first ten users, by login, whose login begins with `prefix` in any case.
    pub async fn search_users(
        &self,
        _: &User,
        prefix: &LoginPrefix,
    ) -> Result<Vec<Person>, StoreError> {
        let mut pattern = String::new();
        for c in prefix.as_str().chars() {
            if "!%_".contains(c) {
                pattern.push('!');
            }
            pattern.push(c);
        }
        pattern.push('%');
        // The form of the index `users_login_prefix`. SeaQuery numbers placeholders on PostgreSQL only.
        let condition = match self.is_postgres() {
            true => "lower(login) LIKE lower($1) ESCAPE '!'",
            false => "lower(login) LIKE lower(?) ESCAPE '!'",
        };
        let begins = Expr::cust_with_values(condition, [pattern]);
        let rows = user::Entity::find()
            .filter(begins)
            .order_by_asc(Func::lower(Expr::col(user::Column::Login)))
            .order_by_asc(user::Column::Login)
            .limit(MAX_FOUND)
            .all(&self.reader)
            .await?;
        Ok(rows.into_iter().map(Person::from).collect())
    }

    /// Deletes a user with all their data and the teams that they own.
    pub async fn delete_user(&self, user: &User) -> Result<(), StoreError> {
        user::Entity::delete_by_id(user.id)
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

/// Inserts a user, or returns `None` if the login is taken.
///
/// Without RETURNING, because SQLite's driver does not report that the commit of a statement that
/// returns rows has failed.
pub(super) async fn insert_user(
    db: &impl ConnectionTrait,
    login: &str,
    avatar_url: Option<&str>,
    now: i64,
) -> Result<Option<User>, DbErr> {
    let row = user::Model {
        id: Uuid::now_v7(),
        login: login.to_owned(),
        seq: 0,
        created_at: now,
        avatar_url: avatar_url.map(str::to_owned),
    };
    let is_free = OnConflict::column(user::Column::Login)
        .do_nothing()
        .to_owned();
    let inserted = user::Entity::insert(row.clone().into_active_model())
        .on_conflict(is_free)
        .exec_without_returning(db)
        .await?;
    Ok((inserted > 0).then(|| row.into()))
}
