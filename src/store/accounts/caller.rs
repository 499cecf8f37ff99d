//! Who a request is from, as its token tells.
//!
//! SQL by hand: every request starts with this lookup, and building the statement with SeaQuery costs
//! more than the index access. Other files add columns, so that the data they need arrives in the
//! same round trip.

use jiff::Timestamp;
use sea_orm::{EntityTrait as _, QueryFilter as _, QueryResult};
use uuid::Uuid;

use super::token_use::{self, unlocked};
use crate::model::{Scope, Scopes};
use crate::store::db::secret::hash;
use crate::store::db::sql::{Sql, instant};
use crate::store::entity::api_token;
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

/// Who a request is from: a user, by a token or by signing in.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The user.
    pub user: User,
    /// What the credentials allow.
    pub scopes: Scopes,
    /// When the token expires; `None` if it does not, or if the credentials are not a token of ours.
    pub expires_at: Option<Timestamp>,
    /// `None` for a user who signed in with an issuer.
    pub(in crate::store) token: Option<CallerToken>,
}

/// The token of a caller.
#[derive(Clone, Debug)]
pub(in crate::store) struct CallerToken {
    /// Stays the same when the token of a device is replaced.
    pub(in crate::store) id: Uuid,
    pub(in crate::store) hash: Vec<u8>,
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
        self.token_id() == Some(id)
    }

    /// The id by which requests are counted: the token's, or else the user's.
    #[must_use]
    pub fn key(&self) -> Uuid {
        self.token_id().unwrap_or(self.user.id)
    }

    pub(in crate::store) fn token_id(&self) -> Option<Uuid> {
        self.token.as_ref().map(|token| token.id)
    }
}

impl Store {
    /// The caller with this token; `None` if the token is unknown, revoked or expired.
    ///
    /// # Errors
    /// A failure of the database says nothing about the token.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Caller>, StoreError> {
        let hash = hash(token);
        match FIND.one(&self.reader, [hash.clone().into()]).await? {
            Some(row) => self.read_caller(&row, hash).await,
            None => Ok(None),
        }
    }

    /// Reads the columns of [`find_token`], and notes that the token is used. Returns `None` if the
    /// token has expired.
    pub(in crate::store) async fn read_caller(
        &self,
        row: &QueryResult,
        hash: Vec<u8>,
    ) -> Result<Option<Caller>, StoreError> {
        let (token_id, now): (Uuid, i64) = (row.try_get("", "id")?, self.clock.now());
        let expires_at: Option<i64> = row.try_get("", "expires_at")?;
        if expires_at.is_some_and(|at| at <= now) {
            return Ok(None);
        }
        let last_used_at: Option<i64> = row.try_get("", "last_used_at")?;
        if last_used_at.is_none_or(|at| at + token_use::STEP <= now) {
            let update = api_token::Entity::update_many()
                .col_expr(api_token::Column::LastUsedAt, now.into())
                .filter(unlocked::<api_token::Entity>(
                    api_token::Column::Id,
                    token_id,
                ));
            token_use::note(update.exec(&self.writer)).await;
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
            token: Some(CallerToken { id: token_id, hash }),
        }))
    }
}
