//! Sessions of browsers: a token or a sign-in with an issuer starts one, and a cookie continues it.
//!
//! SQL by hand: every page starts with [`FIND`], which reads the session, its user, its token and the
//! number of invitations in one round trip.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, FromQueryResult, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::caller::CallerToken;
use super::token_use::{self, unlocked};
use crate::model::Scopes;
use crate::store::db::secret::{hash, random};
use crate::store::db::sql::{Sql, instant};
use crate::store::entity::web_session::{Column, Entity, Model};
use crate::store::{Caller, Store, StoreError, User};

/// The prefix of every session's secret, by which a leaked one is recognized.
const PREFIX: &str = "crickweb";
const DAY: i64 = 86_400_000_000;
/// A session ends when it was not used for this long, in microseconds.
const IDLE: i64 = 30 * DAY;
/// A session that began at the issuer ends after this long, even if it is used, because the issuer
/// does not report users whom it no longer knows.
const WITHOUT_TOKEN: i64 = 7 * DAY;
/// The most sessions of one user. A new one replaces the one that was unused for longest.
const MAX_SESSIONS: u64 = 50;

const FIND: Sql = Sql::both(
    "SELECT u.id, u.login, u.avatar_url, s.token_id, s.token_hash, s.zone, s.last_used_at, \
        t.scopes, t.expires_at, \
        (SELECT count(*) FROM team_invitations i WHERE i.user_id = u.id) AS invitations \
     FROM web_sessions s JOIN users u ON u.id = s.user_id \
     LEFT JOIN api_tokens t ON t.id = s.token_id AND t.hash = s.token_hash \
        AND t.revoked_at IS NULL AND coalesce(t.expires_at > $2, true) \
     WHERE s.hash = $1 AND s.expires_at > $2 AND (s.token_id IS NULL OR t.id IS NOT NULL)",
);

#[derive(FromQueryResult)]
struct SessionRow {
    id: Uuid,
    login: String,
    avatar_url: Option<String>,
    token_id: Option<Uuid>,
    token_hash: Option<Vec<u8>>,
    zone: String,
    last_used_at: i64,
    scopes: Option<String>,
    expires_at: Option<i64>,
    invitations: i64,
}

/// A session that has not ended.
#[derive(Clone, Debug)]
pub struct Session {
    /// The user, with the scopes of the token that started the session.
    pub caller: Caller,
    /// The name of the time zone of its pages.
    pub zone: String,
    /// The number of the user's invitations to teams.
    pub invitations: i64,
}

impl Store {
    /// Starts a session and returns its secret. Deletes the user's sessions that have ended, and the
    /// `previous` one of the same browser.
    pub async fn create_session(
        &self,
        caller: &Caller,
        zone: &str,
        previous: Option<&SecretString>,
    ) -> Result<SecretString, StoreError> {
        let (user_id, now) = (caller.user.id, self.clock.now());
        let secret = random(PREFIX)?;
        let newest = Entity::find()
            .select_only()
            .column(Column::Hash)
            .filter(Column::UserId.eq(user_id))
            .order_by_desc(Column::LastUsedAt)
            .order_by_asc(Column::Hash)
            .limit(MAX_SESSIONS - 1);
        let has_ended = Condition::any()
            .add(Column::ExpiresAt.lte(now))
            .add(Column::Hash.not_in_subquery(newest.into_query()));
        let outdated = Condition::all()
            .add(Column::UserId.eq(user_id))
            .add(has_ended);
        let mut replaced = Condition::any().add(outdated);
        if let Some(secret) = previous {
            replaced = replaced.add(Column::Hash.eq(hash(secret.expose_secret())));
        }
        let (token_id, token_hash) = caller.token.clone().map(|t| (t.id, t.hash)).unzip();
        let session = Model {
            hash: hash(&secret),
            user_id,
            token_id,
            token_hash,
            zone: zone.to_owned(),
            created_at: now,
            last_used_at: now,
            expires_at: now
                + if token_id.is_some() {
                    IDLE
                } else {
                    WITHOUT_TOKEN
                },
        };
        let transaction = self.begin().await?;
        Entity::delete_many()
            .filter(replaced)
            .exec(&transaction)
            .await?;
        Entity::insert(session.into_active_model())
            .exec_without_returning(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(secret.into())
    }

    /// The session with this secret; `None` if there is none, if it has ended, or if the token that
    /// started it is no longer valid.
    pub async fn find_session(&self, secret: &SecretString) -> Result<Option<Session>, StoreError> {
        let (hash, now) = (hash(secret.expose_secret()), self.clock.now());
        let values = [hash.clone().into(), now.into()];
        let Some(row) = FIND.find::<SessionRow>(&self.reader, values).await? else {
            return Ok(None);
        };
        if row.last_used_at + token_use::STEP <= now {
            self.note_session_use(hash, now).await;
        }
        let token = row.token_id.zip(row.token_hash);
        let caller = Caller {
            user: User {
                id: row.id,
                login: row.login,
                avatar_url: row.avatar_url,
            },
            // A user of the issuer may do everything, as with the issuer's tokens.
            scopes: row.scopes.map_or(Scopes::ALL, |scopes| {
                let Ok(scopes) = scopes.parse();
                scopes
            }),
            expires_at: row.expires_at.map(instant).transpose()?,
            token: token.map(|(id, hash)| CallerToken { id, hash }),
        };
        Ok(Some(Session {
            caller,
            zone: row.zone,
            invitations: row.invitations,
        }))
    }

    async fn note_session_use(&self, hash: Vec<u8>, now: i64) {
        let expires_at =
            Expr::case(Column::TokenId.is_null(), Expr::col(Column::ExpiresAt)).finally(now + IDLE);
        let update = Entity::update_many()
            .col_expr(Column::LastUsedAt, now.into())
            .col_expr(Column::ExpiresAt, expires_at.into())
            .filter(unlocked::<Entity>(Column::Hash, hash));
        token_use::note(update.exec(&self.writer)).await;
    }

    /// Ends all sessions of a user, and returns how many there were.
    pub async fn delete_sessions(&self, user: &User) -> Result<u64, StoreError> {
        let deleted = Entity::delete_many()
            .filter(Column::UserId.eq(user.id))
            .exec(&self.writer)
            .await?;
        Ok(deleted.rows_affected)
    }

    /// Ends a session of the user's. One that has ended already is no error.
    pub async fn delete_session(
        &self,
        user: &User,
        secret: &SecretString,
    ) -> Result<(), StoreError> {
        Entity::delete_many()
            .filter(Column::UserId.eq(user.id))
            .filter(Column::Hash.eq(hash(secret.expose_secret())))
            .exec(&self.writer)
            .await?;
        Ok(())
    }

    /// Changes the time zone of a session of the user's.
    pub async fn update_session_zone(
        &self,
        user: &User,
        secret: &SecretString,
        zone: &str,
    ) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Zone, zone.into())
            .filter(Column::UserId.eq(user.id))
            .filter(Column::Hash.eq(hash(secret.expose_secret())))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}
