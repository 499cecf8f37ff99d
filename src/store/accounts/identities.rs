//! Users who sign in with an issuer: the user behind a subject, and their first time.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use uuid::Uuid;

use super::users::{MAX_LOGIN_CHARACTERS, fits_login, insert_user};
use crate::model::Scopes;
use crate::store::entity::{identity, user};
use crate::store::{Caller, Store, StoreError, User};

/// Logins with a number appended that are tried before a random one.
const MAX_NUMBER: u32 = 9;

impl Store {
    /// The user behind an issuer's subject; `None` before the first sign-in.
    pub async fn find_identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Caller>, StoreError> {
        let row = user::Entity::find()
            .inner_join(identity::Entity)
            .filter(identity::Column::Issuer.eq(issuer))
            .filter(identity::Column::Subject.eq(subject))
            .one(&self.reader)
            .await?;
        Ok(row.map(|row| signed_in(row.into())))
    }

    /// Creates a user for an issuer's subject, with a login that is as close to `wish` as is free. Of
    /// several first requests at once, one creates the user and all get it.
    pub async fn register_user(
        &self,
        issuer: &str,
        subject: &str,
        wish: &str,
        avatar_url: Option<&str>,
    ) -> Result<Caller, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        let user = insert_with_free_login(&transaction, wish, avatar_url, now).await?;
        if insert_identity(&transaction, &user, issuer, subject, now).await? {
            transaction.commit().await?;
            return Ok(signed_in(user));
        }
        transaction.rollback().await?;
        let first = self.find_identity(issuer, subject).await?;
        first.ok_or(StoreError::UserGone)
    }

    /// Links an issuer's subject to a user.
    ///
    /// # Errors
    /// When the subject is linked already.
    pub async fn link_identity(
        &self,
        user: &User,
        issuer: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        if insert_identity(&self.writer, user, issuer, subject, self.clock.now()).await? {
            return Ok(());
        }
        Err(StoreError::Exists(format!("a user for {subject}")))
    }
}

fn signed_in(user: User) -> Caller {
    Caller {
        user,
        scopes: Scopes::ALL,
        expires_at: None,
        token: None,
    }
}

/// Returns `false` if the subject has a user already.
async fn insert_identity(
    db: &impl ConnectionTrait,
    user: &User,
    issuer: &str,
    subject: &str,
    now: i64,
) -> Result<bool, DbErr> {
    let row = identity::Model {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        user_id: user.id,
        created_at: now,
    };
    let key = [identity::Column::Issuer, identity::Column::Subject];
    let inserted = identity::Entity::insert(row.into_active_model())
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(inserted > 0)
}

async fn insert_with_free_login(
    db: &impl ConnectionTrait,
    wish: &str,
    avatar_url: Option<&str>,
    now: i64,
) -> Result<User, StoreError> {
    let wish = possible_login(wish);
    let numbered = (2..=MAX_NUMBER).map(|number| format!("{wish}-{number}"));
    let random = std::iter::from_fn(|| Some(format!("user-{}", Uuid::new_v4().simple())));
    for login in std::iter::once(wish.clone()).chain(numbered).chain(random) {
        if let Some(user) = insert_user(db, &login, avatar_url, now).await? {
            return Ok(user);
        }
    }
    Err(StoreError::Exists("a user of every login".to_owned()))
}

/// Turns a name that an issuer asserts into a login, with room for a number.
fn possible_login(wish: &str) -> String {
    let login: String = wish
        .trim()
        .chars()
        .map(|c| if fits_login(c) { c } else { '-' })
        .take(MAX_LOGIN_CHARACTERS - 2)
        .collect();
    let login = login.trim_matches('-');
    if login.is_empty() { "user" } else { login }.to_owned()
}
