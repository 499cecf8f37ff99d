//! Creates, lists and revokes tokens. Each is for one device, unless it is created to be shared.

use jiff::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
};
use secrecy::SecretString;
use uuid::Uuid;

use crate::model::Scopes;
use crate::store::db::secret::{hash, random};
use crate::store::db::sql::instant;
use crate::store::entity::api_token::{Column, Entity, Model};
use crate::store::entity::{device_sync, sync_cursor};
use crate::store::{Store, StoreError, User};

/// The prefix of every token, by which a leaked one is recognized.
const PREFIX: &str = "crick";

/// A token as its owner sees it. Its secret cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// The token's id.
    pub id: Uuid,
    /// The name of the device that it is for.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// Whether it was created for several devices, or turned out to be used by several.
    pub is_shared: bool,
    /// When it turned out to be used by several devices.
    pub found_shared_at: Option<Timestamp>,
}

/// A token that was just created: the only moment in which its secret can be read.
#[derive(Debug)]
pub struct NewToken {
    /// What the owner enters in Watson.
    pub secret: SecretString,
    /// The token.
    pub device: Device,
}

impl Store {
    /// Creates a token for a device, or for several if `is_shared`. It replaces a revoked or expired
    /// token of the same device, which keeps its place in the sequence of frames unless only one of
    /// the two is shared.
    ///
    /// # Errors
    /// When the device has a valid token, or its name is blank or longer than 64 characters.
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
        let (secret, now) = (random(PREFIX)?, self.clock.now());
        let is_invalid = Condition::any()
            .add(Column::RevokedAt.is_not_null())
            .add(Column::ExpiresAt.lte(now));
        let replaced = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::UserId.eq(user.id))
            .filter(Column::Device.eq(device))
            .filter(Column::IsShared.ne(is_shared))
            .filter(is_invalid.clone())
            .into_query();
        device_sync::Entity::delete_many()
            .filter(device_sync::Column::UserId.eq(user.id))
            .filter(device_sync::Column::TokenId.in_subquery(replaced.clone()))
            .exec(&self.writer)
            .await?;
        sync_cursor::Entity::delete_many()
            .filter(sync_cursor::Column::TokenId.in_subquery(replaced))
            .exec(&self.writer)
            .await?;
        let row = Model {
            id: Uuid::now_v7(),
            user_id: user.id,
            device: device.to_owned(),
            hash: hash(&secret),
            created_at: now,
            last_used_at: None,
            expires_at: expires_at.map(Timestamp::as_microsecond),
            revoked_at: None,
            scopes: scopes.to_string(),
            is_shared,
            found_shared_at: None,
        };
        let replace_invalid = OnConflict::columns([Column::UserId, Column::Device])
            .update_columns([
                Column::Hash,
                Column::CreatedAt,
                Column::LastUsedAt,
                Column::ExpiresAt,
                Column::RevokedAt,
                Column::Scopes,
                Column::IsShared,
                Column::FoundSharedAt,
            ])
            .action_cond_where(is_invalid)
            .to_owned();
        let written = Entity::insert(row.into_active_model())
            .on_conflict(replace_invalid)
            .exec_without_returning(&self.writer)
            .await?;
        if written == 0 {
            return Err(StoreError::Exists(format!(
                "a valid token for the device {device}; revoke it first"
            )));
        }
        let row = Entity::find()
            .filter(Column::Hash.eq(hash(&secret)))
            .one(&self.writer)
            .await?
            .ok_or(StoreError::UserGone)?;
        Ok(NewToken {
            secret: secret.into(),
            device: row.try_into()?,
        })
    }

    /// The user's tokens that are not revoked, by device.
    pub async fn list_tokens(&self, user: &User) -> Result<Vec<Device>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user.id))
            .filter(Column::RevokedAt.is_null())
            .order_by_asc(Column::Device)
            .all(&self.reader)
            .await?;
        rows.into_iter().map(Device::try_from).collect()
    }

    /// Revokes the token of a device.
    ///
    /// # Errors
    /// When the device has no valid token.
    pub async fn revoke_token(&self, user: &User, device: &str) -> Result<(), StoreError> {
        if self.revoke(user, Column::Device.eq(device)).await? {
            return Ok(());
        }
        Err(StoreError::NotFound(format!(
            "valid token for the device {device}"
        )))
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// When the user has no such valid token.
    pub async fn revoke_token_by_id(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        if self.revoke(user, Column::Id.eq(id)).await? {
            return Ok(());
        }
        Err(StoreError::NotFound(format!("token {id}")))
    }

    /// Returns whether there was such a token.
    async fn revoke(&self, user: &User, which: Expr) -> Result<bool, StoreError> {
        let revoked = Entity::update_many()
            .col_expr(Column::RevokedAt, self.clock.now().into())
            .filter(Column::UserId.eq(user.id))
            .filter(which)
            .filter(Column::RevokedAt.is_null())
            .exec(&self.writer)
            .await?;
        Ok(revoked.rows_affected > 0)
    }
}

impl TryFrom<Model> for Device {
    type Error = StoreError;

    fn try_from(row: Model) -> Result<Self, StoreError> {
        let Ok(scopes) = row.scopes.parse();
        Ok(Self {
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
}
