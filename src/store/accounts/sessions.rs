//! Sessions of browsers: whoever shows a token, or comes from the issuer, goes on with a cookie.

use sea_orm::Value;
use secrecy::{ExposeSecret as _, SecretString};

use super::token_use;
use crate::model::Scopes;
use crate::store::db::secret::{hash, random};
use crate::store::db::sql::{Sql, instant};
use crate::store::{Caller, Store, StoreError, User};

/// What every session's secret begins with, so that a leaked one is recognized.
const PREFIX: &str = "crickweb";
/// A session that was not used for this long has ended. Microseconds, as all that follow.
const IDLE: i64 = 30 * DAY;
/// One that began at the issuer ends after this, however much it is used: nobody tells us when the issuer does not know
/// somebody any more.
const WITHOUT_TOKEN: i64 = 7 * DAY;
const DAY: i64 = 86_400_000_000;
/// The most sessions of one user; the one that was not used for longest ends first.
const MOST: i64 = 50;
/// Being used is noted at most this often, so that reading does not write.
const LAST_USED_STEP: i64 = 60_000_000;

/// A session that has not ended.
#[derive(Clone, Debug)]
pub struct Session {
    /// Whose it is, and what the token by which it began allows.
    pub caller: Caller,
    /// The name of the time zone that its days are in.
    pub zone: String,
    /// How many invitations to teams wait for an answer.
    pub invitations: i64,
}

impl Store {
    /// Begins a session for somebody who was just let in, and forgets those of theirs that have ended, and the one that
    /// their browser had before. The answer is its secret, of which the hash is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_session(
        &self,
        caller: &Caller,
        zone: &str,
        before: Option<&SecretString>,
    ) -> Result<SecretString, StoreError> {
        const FORGET: Sql = Sql::both(
            "DELETE FROM web_sessions WHERE hash = $3 OR user_id = $1 AND (expires_at <= $2 OR hash NOT IN \
             (SELECT hash FROM web_sessions WHERE user_id = $1 ORDER BY last_used_at DESC, hash LIMIT $4))",
        );
        const BEGIN: Sql = Sql::both(
            "INSERT INTO web_sessions \
             (hash, user_id, token_id, token_hash, zone, created_at, last_used_at, expires_at) \
             VALUES ($1, $2, $3, (SELECT hash FROM api_tokens WHERE id = $3), $4, $5, $5, $6)",
        );
        let (user, now) = (caller.user.id, self.clock.now());
        let secret = random(PREFIX)?;
        let transaction = self.begin().await?;
        let before = before.map(|secret| hash(secret.expose_secret()));
        let values: [Value; 4] = [user.into(), now.into(), before.into(), (MOST - 1).into()];
        FORGET.execute(&transaction, values).await?;
        let values: [Value; 6] = [
            hash(&secret).into(),
            user.into(),
            caller.token_id.into(),
            zone.into(),
            now.into(),
            (now + caller.token_id.map_or(WITHOUT_TOKEN, |_| IDLE)).into(),
        ];
        BEGIN.execute(&transaction, values).await?;
        transaction.commit().await?;
        Ok(secret.into())
    }

    /// The session with this secret; none when there is no such, it has ended, or the token by which it began is not
    /// valid any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_session(&self, secret: &SecretString) -> Result<Option<Session>, StoreError> {
        const FIND: Sql = Sql::both(
            "SELECT u.id, u.login, u.avatar_url, s.token_id, s.zone, s.last_used_at, t.scopes, t.expires_at, \
             (SELECT count(*) FROM team_invitations i WHERE i.user_id = u.id) \
             FROM web_sessions s JOIN users u ON u.id = s.user_id \
             LEFT JOIN api_tokens t ON t.id = s.token_id AND t.hash = s.token_hash AND t.revoked_at IS NULL \
             AND coalesce(t.expires_at > $2, true) \
             WHERE s.hash = $1 AND s.expires_at > $2 AND (s.token_id IS NULL OR t.id IS NOT NULL)",
        );
        let (hash, now) = (hash(secret.expose_secret()), self.clock.now());
        let row = FIND
            .one(&self.reader, [hash.clone().into(), now.into()])
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let last_used_at: i64 = row.try_get_by_index(5)?;
        if last_used_at + LAST_USED_STEP <= now {
            self.note_use(hash, now).await;
        }
        let scopes: Option<String> = row.try_get_by_index(6)?;
        let expires_at: Option<i64> = row.try_get_by_index(7)?;
        let caller = Caller {
            user: User {
                id: row.try_get_by_index(0)?,
                login: row.try_get_by_index(1)?,
                avatar_url: row.try_get_by_index(2)?,
            },
            // Whoever came from the issuer may do everything, as with the issuer's tokens.
            scopes: scopes.map_or(Scopes::ALL, |scopes| {
                let Ok(scopes) = scopes.parse();
                scopes
            }),
            expires_at: expires_at.map(instant).transpose()?,
            token_id: row.try_get_by_index(3)?,
        };
        Ok(Some(Session {
            caller,
            zone: row.try_get_by_index(4)?,
            invitations: row.try_get_by_index(8)?,
        }))
    }

    async fn note_use(&self, hash: Vec<u8>, now: i64) {
        const USE: Sql = token_use::statement!(
            "web_sessions",
            "hash",
            "last_used_at = $2, expires_at = CASE WHEN token_id IS NULL THEN expires_at ELSE $3 END"
        );
        let values: [Value; 3] = [hash.into(), now.into(), (now + IDLE).into()];
        token_use::note(USE.execute(&self.writer, values)).await;
    }

    /// Ends all sessions of a user, and answers how many there were.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_sessions(&self, user: &User) -> Result<u64, StoreError> {
        const END: Sql = Sql::both("DELETE FROM web_sessions WHERE user_id = $1");
        Ok(END.execute(&self.writer, [user.id.into()]).await?)
    }

    /// Ends a session of the user's. One that has ended already is no mistake.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_session(
        &self,
        user: &User,
        secret: &SecretString,
    ) -> Result<(), StoreError> {
        const END: Sql = Sql::both("DELETE FROM web_sessions WHERE user_id = $1 AND hash = $2");
        let values: [Value; 2] = [user.id.into(), hash(secret.expose_secret()).into()];
        END.execute(&self.writer, values).await?;
        Ok(())
    }

    /// Changes the time zone of a session of the user's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update_session_zone(
        &self,
        user: &User,
        secret: &SecretString,
        zone: &str,
    ) -> Result<(), StoreError> {
        const CHANGE: Sql =
            Sql::both("UPDATE web_sessions SET zone = $3 WHERE user_id = $1 AND hash = $2");
        let values: [Value; 3] = [
            user.id.into(),
            hash(secret.expose_secret()).into(),
            zone.into(),
        ];
        CHANGE.execute(&self.writer, values).await?;
        Ok(())
    }
}
