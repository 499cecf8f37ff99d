//! People who sign in with an issuer: whom a subject stands for, and their first time.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use uuid::Uuid;

use super::users::MOST_LOGIN_CHARACTERS;
use crate::model::Scopes;
use crate::store::db::sql::Sql;
use crate::store::entity::{identity, user};
use crate::store::{Caller, Store, StoreError, User};

/// Logins tried with a number behind them before a random one is taken.
const NUMBERED: u32 = 9;

impl Store {
    /// Who an issuer's subject is here; nobody before the first time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_identity(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<Caller>, StoreError> {
        const FIND: Sql = Sql::both(
            "SELECT u.id, u.login, u.avatar_url FROM identities i JOIN users u ON u.id = i.user_id \
             WHERE i.issuer = $1 AND i.subject = $2",
        );
        let row = FIND
            .one(&self.reader, [issuer.into(), subject.into()])
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(signed_in(User {
            id: row.try_get_by_index(0)?,
            login: row.try_get_by_index(1)?,
            avatar_url: row.try_get_by_index(2)?,
        })))
    }

    /// Makes a user for an issuer's subject, with a login as near to `wish` as is free. Of several first requests at
    /// once one makes the user and all get it.
    ///
    /// # Errors
    /// When the database fails; then there is no user.
    pub async fn register_user(
        &self,
        issuer: &str,
        subject: &str,
        wish: &str,
        avatar_url: Option<&str>,
    ) -> Result<Caller, StoreError> {
        let now = self.clock.now();
        let transaction = self.begin().await?;
        let user = add_with_free_login(&transaction, wish, avatar_url, now).await?;
        if link(&transaction, &user, issuer, subject, now).await? {
            transaction.commit().await?;
            return Ok(signed_in(user));
        }
        transaction.rollback().await?;
        let first = self.find_identity(issuer, subject).await?;
        first.ok_or(StoreError::UserGone)
    }

    /// Lets an issuer's subject be this user from now on.
    ///
    /// # Errors
    /// When the subject is somebody already.
    pub async fn link_identity(
        &self,
        user: &User,
        issuer: &str,
        subject: &str,
    ) -> Result<(), StoreError> {
        if link(&self.writer, user, issuer, subject, self.clock.now()).await? {
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
        token_id: None,
    }
}

/// Answers whether nobody was the subject before.
async fn link(
    db: &impl ConnectionTrait,
    user: &User,
    issuer: &str,
    subject: &str,
    now: i64,
) -> Result<bool, DbErr> {
    let row = identity::ActiveModel {
        issuer: Set(issuer.to_owned()),
        subject: Set(subject.to_owned()),
        user_id: Set(user.id),
        created_at: Set(now),
    };
    let columns = [identity::Column::Issuer, identity::Column::Subject];
    let written = identity::Entity::insert(row)
        .on_conflict(OnConflict::columns(columns).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(written > 0)
}

async fn add_with_free_login(
    db: &impl ConnectionTrait,
    wish: &str,
    avatar_url: Option<&str>,
    now: i64,
) -> Result<User, StoreError> {
    let wish = possible_login(wish);
    let numbered = (2..=NUMBERED).map(|number| format!("{wish}-{number}"));
    let random = std::iter::from_fn(|| Some(format!("user-{}", Uuid::new_v4().simple())));
    for login in std::iter::once(wish.clone()).chain(numbered).chain(random) {
        let id = Uuid::now_v7();
        let row = user::ActiveModel {
            id: Set(id),
            login: Set(login.clone()),
            seq: Set(0),
            created_at: Set(now),
            avatar_url: Set(avatar_url.map(str::to_owned)),
        };
        let free = OnConflict::column(user::Column::Login)
            .do_nothing()
            .to_owned();
        let written = user::Entity::insert(row)
            .on_conflict(free)
            .exec_without_returning(db)
            .await?;
        if written > 0 {
            return Ok(User {
                id,
                login,
                avatar_url: avatar_url.map(str::to_owned),
            });
        }
    }
    Err(StoreError::Exists("a user of every login".to_owned()))
}

/// What a login may hold of a name that an issuer asserts, with room for a number behind it.
fn possible_login(wish: &str) -> String {
    let kept: String = wish
        .trim()
        .chars()
        .map(|c| if super::users::fits_login(c) { c } else { '-' })
        .take(MOST_LOGIN_CHARACTERS - 2)
        .collect();
    let kept = kept.trim_matches('-');
    if kept.is_empty() { "user" } else { kept }.to_owned()
}
