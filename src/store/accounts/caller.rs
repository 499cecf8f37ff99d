//! Who a request is from, as its token tells.
//!
//! SQL by hand: every request starts with this lookup, and building the statement with SeaQuery costs
//! more than the index access. Other files add columns, so that the data they need arrives in the
//! same round trip.

use jiff::Timestamp;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use super::token_use;
use crate::model::{Scope, Scopes};
use crate::store::db::secret::hash;
use crate::store::db::sql::{Sql, instant};
use crate::store::{Store, StoreError, User};

/// Finds a valid or expired token by its hash, with its user; then further columns of further tables.
macro_rules! find_token {
    ($($columns:expr),*; $tables:expr) => {
        concat!(
            "SELECT t.id, t.user_id, u.login, u.avatar_url, t.last_used_at, t.expires_at, t.scopes",
            $($columns,)*
            " FROM api_tokens t JOIN users u ON u.id = t.user_id",
            $tables,
            " WHERE t.hash = $1 AND t.revoked_at IS NULL"
        )
    };
}
pub(in crate::store) use find_token;

const FIND: Sql = Sql::both(find_token!(; ""));
const NOTE_USE: Sql = token_use::statement!("api_tokens", "id", "last_used_at = $2");

/// The use of a token is noted at most this often, in microseconds, so that reading does not write.
pub(in crate::store) const LAST_USED_STEP: i64 = 60_000_000;

/// Who a request is from: a user, by a token or by signing in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// What the credentials allow.
    pub scopes: Scopes,
    /// When the token expires; `None` if it does not, or if the credentials are not a token of ours.
    pub expires_at: Option<Timestamp>,
    /// The token, whose id stays the same when it is replaced; `None` for a user who signed in with
    /// an issuer.
    pub(in crate::store) token_id: Option<Uuid>,
}

impl Caller {
    /// Whether the credentials allow `scope`.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.allows(scope)
    }

    /// Whether the credentials are this token.
    #[must_use]
    pub fn has_token(&self, id: Uuid) -> bool {
        self.token_id == Some(id)
    }

    /// The id by which requests are counted: the token's, or else the user's.
    #[must_use]
    pub fn key(&self) -> Uuid {
        self.token_id.unwrap_or(self.user.id)
    }
}

impl Store {
    /// The caller with this token; `None` if the token is unknown, revoked or expired.
    ///
    /// # Errors
    /// A failure of the database says nothing about the token.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Caller>, StoreError> {
        match FIND.one(&self.reader, [Value::from(hash(token))]).await? {
            Some(row) => self.read_caller(&row).await,
            None => Ok(None),
        }
    }

    /// Reads the columns of [`find_token`], and notes that the token is used. Returns `None` if it
    /// has expired.
    pub(in crate::store) async fn read_caller(
        &self,
        row: &QueryResult,
    ) -> Result<Option<Caller>, StoreError> {
        let (token_id, now): (Uuid, i64) = (row.try_get("", "id")?, self.clock.now());
        let expires_at: Option<i64> = row.try_get("", "expires_at")?;
        if expires_at.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        let last_used_at: Option<i64> = row.try_get("", "last_used_at")?;
        if last_used_at.is_none_or(|at| at + LAST_USED_STEP <= now) {
            let used = NOTE_USE.execute(&self.writer, [token_id.into(), now.into()]);
            token_use::note(used).await;
        }
        let scopes: String = row.try_get("", "scopes")?;
        let Ok(scopes) = scopes.parse();
        Ok(Some(Caller {
            user: User {
                id: row.try_get("", "user_id")?,
                login: row.try_get("", "login")?,
                avatar_url: row.try_get("", "avatar_url")?,
            },
            scopes,
            expires_at: expires_at.map(instant).transpose()?,
            token_id: Some(token_id),
        }))
    }
}
