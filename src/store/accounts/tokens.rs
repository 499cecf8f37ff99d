//! Tokens, one per device.

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Value};
use secrecy::SecretString;
use uuid::Uuid;

use crate::model::Scopes;
use crate::store::db::secret::{hash, random};
use crate::store::db::sql::{Sql, instant};
use crate::store::entity::api_token;
use crate::store::{Store, StoreError, User};

macro_rules! find_replaced {
    () => {
        "SELECT id FROM api_tokens WHERE user_id = $1 AND device = $2 AND is_shared <> $3 \
         AND (revoked_at IS NOT NULL OR expires_at <= $4)"
    };
}

/// What is remembered of the syncs of an invalid token, if it is replaced by one of the other kind.
const FORGET_DEVICE_SYNCS: Sql = Sql::both(concat!(
    "DELETE FROM device_syncs WHERE user_id = $1 AND token_id IN (",
    find_replaced!(),
    ")"
));
const FORGET_CURSORS: Sql = Sql::both(concat!(
    "DELETE FROM sync_cursors WHERE token_id IN (",
    find_replaced!(),
    ")"
));

/// What every token begins with, so that a leaked one is recognized.
const TOKEN_PREFIX: &str = "crick";

/// A device with a token, as its owner sees it. The token itself cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its token's identifier.
    pub id: Uuid,
    /// The name given to it.
    pub name: String,
    /// What its token allows.
    pub scopes: Scopes,
    /// When its token was made.
    pub created_at: Timestamp,
    /// When its token was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When its token stops being valid by itself.
    pub expires_at: Option<Timestamp>,
    /// Whether the token was created for several devices, or turned out to be used by several.
    pub is_shared: bool,
    /// When it turned out to be.
    pub found_shared_at: Option<Timestamp>,
}

/// A token that was just made: the only moment it can be read.
#[derive(Debug)]
pub struct NewToken {
    /// What its owner types into Watson.
    pub secret: SecretString,
    /// What it is listed as.
    pub device: Device,
}

impl Store {
    /// Creates a token for a device, or, if `is_shared`, for several. A device whose token was revoked or has expired keeps
    /// its place in the sequence of frames, unless one of these tokens is shared and the other is not.
    ///
    /// # Errors
    /// When the device has a valid token already, or its name is blank or longer than 64 characters.
    pub async fn create_token(
        &self,
        user: &User,
        device: &str,
        scopes: Scopes,
        expires_at: Option<Timestamp>,
        is_shared: bool,
    ) -> Result<NewToken, StoreError> {
        let device = device.trim();
        if device.is_empty() || device.chars().count() > 64 || device.contains(char::is_control) {
            return Err(StoreError::InvalidDevice);
        }
        let token = random(TOKEN_PREFIX)?;
        let row = api_token::ActiveModel {
            id: Set(Uuid::now_v7()),
            user_id: Set(user.id),
            device: Set(device.to_owned()),
            hash: Set(hash(&token)),
            created_at: Set(self.clock.now()),
            last_used_at: Set(None),
            expires_at: Set(expires_at.map(Timestamp::as_microsecond)),
            revoked_at: Set(None),
            scopes: Set(scopes.to_string()),
            is_shared: Set(is_shared),
            found_shared_at: Set(None),
        };
        for forget in [FORGET_DEVICE_SYNCS, FORGET_CURSORS] {
            let values: [Value; 4] = [
                user.id.into(),
                device.into(),
                is_shared.into(),
                self.clock.now().into(),
            ];
            forget.execute(&self.writer, values).await?;
        }
        let columns = [api_token::Column::UserId, api_token::Column::Device];
        let replace_invalid = OnConflict::columns(columns)
            .update_columns([
                api_token::Column::Hash,
                api_token::Column::CreatedAt,
                api_token::Column::LastUsedAt,
                api_token::Column::ExpiresAt,
                api_token::Column::RevokedAt,
                api_token::Column::Scopes,
                api_token::Column::IsShared,
                api_token::Column::FoundSharedAt,
            ])
            .action_and_where(
                Expr::col((api_token::Entity, api_token::Column::RevokedAt))
                    .is_not_null()
                    .or(Expr::col((api_token::Entity, api_token::Column::ExpiresAt))
                        .lte(self.clock.now())),
            )
            .to_owned();
        let written = api_token::Entity::insert(row)
            .on_conflict(replace_invalid)
            .exec_without_returning(&self.writer)
            .await?;
        if written == 0 {
            return Err(StoreError::Exists(format!(
                "a valid token for the device {device}; revoke it first"
            )));
        }
        let row = api_token::Entity::find()
            .filter(api_token::Column::Hash.eq(hash(&token)))
            .one(&self.writer)
            .await?
            .ok_or(StoreError::UserGone)?;
        Ok(NewToken {
            secret: token.into(),
            device: device_of(row)?,
        })
    }

    /// The devices with a valid token, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_tokens(&self, user: &User) -> Result<Vec<Device>, StoreError> {
        let rows = api_token::Entity::find()
            .filter(api_token::Column::UserId.eq(user.id))
            .filter(api_token::Column::RevokedAt.is_null())
            .order_by_asc(api_token::Column::Device)
            .all(&self.reader)
            .await?;
        rows.into_iter().map(device_of).collect()
    }

    /// Makes the token of a device invalid from now on.
    ///
    /// # Errors
    /// When the device has no valid token.
    pub async fn revoke_token(&self, user: &User, device: &str) -> Result<(), StoreError> {
        let revoked = api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, self.clock.now().into())
            .filter(api_token::Column::UserId.eq(user.id))
            .filter(api_token::Column::Device.eq(device))
            .filter(api_token::Column::RevokedAt.is_null())
            .exec(&self.writer)
            .await?;
        if revoked.rows_affected == 0 {
            return Err(StoreError::NotFound(format!(
                "valid token for the device {device}"
            )));
        }
        Ok(())
    }

    /// Makes a token invalid from now on.
    ///
    /// # Errors
    /// When this user has no such valid token.
    pub async fn revoke_token_by_id(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let revoked = api_token::Entity::update_many()
            .col_expr(api_token::Column::RevokedAt, self.clock.now().into())
            .filter(api_token::Column::UserId.eq(user.id))
            .filter(api_token::Column::Id.eq(id))
            .filter(api_token::Column::RevokedAt.is_null())
            .exec(&self.writer)
            .await?;
        if revoked.rows_affected == 0 {
            return Err(StoreError::NotFound(format!("token {id}")));
        }
        Ok(())
    }
}

fn device_of(row: api_token::Model) -> Result<Device, StoreError> {
    let Ok(scopes) = row.scopes.parse();
    Ok(Device {
        id: row.id,
        name: row.device,
        scopes,
        created_at: instant(row.created_at)?,
        last_used_at: row.last_used_at.map(instant).transpose()?,
        expires_at: row.expires_at.map(instant).transpose()?,
        is_shared: row.is_shared,
        found_shared_at: row.found_shared_at.map(instant).transpose()?,
    })
}
