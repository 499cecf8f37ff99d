//! Repairs, for when devices and the server no longer agree: sends a device everything again, and
//! merges devices with a database that was restored from a backup.
//!
//! SQL by hand where a statement covers all users or computes with columns.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::store::db::sql::Sql;
use crate::store::entity::api_token;
use crate::store::{Store, StoreError, User};

const RESEND: Sql = Sql::both(
    "UPDATE device_syncs SET resend = true, revision = revision + 1 \
     WHERE user_id = $1 AND token_id = $2",
);

/// Each of the devices that share the token is sent everything.
const RESEND_TO_ALL: Sql = Sql::both(
    "UPDATE sync_cursors SET from_seq = 0, upto_seq = 0, pulls = 1, writer = id \
     WHERE token_id = $1",
);

const COPY_FRAMES: Sql = Sql::both(
    "INSERT INTO restored_frames (user_id, id, project, start_at, end_at, tags, seq, written_by) \
     SELECT f.user_id, f.id, p.name, f.start_at, f.end_at, f.tags, f.seq, f.written_by \
     FROM frames f JOIN projects p ON p.id = f.project_id",
);
const DELETE_COPY: Sql = Sql::both("DELETE FROM restored_frames");
/// Later than every restore that a device was merged with, even if the clock was set back.
const MARK_RESTORED: Sql = Sql {
    postgres: "UPDATE frame_sequences SET restored_at = \
               greatest($1, (SELECT max(merged_at) + 1 FROM device_syncs))",
    sqlite: "UPDATE frame_sequences SET restored_at = \
             max($1, coalesce((SELECT max(merged_at) + 1 FROM device_syncs), 0))",
};
const UNMARK_RESTORED: Sql = Sql::both("UPDATE frame_sequences SET restored_at = 0");
const IS_MARKED: Sql =
    Sql::both("SELECT 1 AS marked FROM frame_sequences WHERE restored_at > 0 LIMIT 1");

/// Exclusive tokens that have synced, and shared ones, whose devices cannot be merged.
const UNMERGED: Sql = Sql::both(
    "SELECT u.login, t.device FROM api_tokens t JOIN users u ON u.id = t.user_id \
     JOIN frame_sequences s ON s.user_id = t.user_id \
     LEFT JOIN device_syncs d ON d.user_id = t.user_id AND d.token_id = t.id \
     WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $1) AND s.restored_at \
     > 0 \
        AND (t.is_shared OR d.merged_at < s.restored_at) ORDER BY u.login, t.device",
);

impl Store {
    /// Sends a device everything at its next pull, including its own frames. An edit that it has
    /// not pushed yet is overwritten.
    ///
    /// # Errors
    /// When the user has no valid token for a device of this name.
    pub async fn resend_to(&self, user: &User, device: &str) -> Result<(), StoreError> {
        let row = api_token::Entity::find()
            .filter(api_token::Column::UserId.eq(user.id))
            .filter(api_token::Column::Device.eq(device))
            .filter(api_token::Column::RevokedAt.is_null())
            .one(&self.reader)
            .await?;
        let row = row
            .ok_or_else(|| StoreError::NotFound(format!("valid token for the device {device}")))?;
        self.resend(&row).await
    }

    /// [`Store::resend_to`] by the id of the token.
    ///
    /// # Errors
    /// When the user has no such valid token.
    pub async fn resend_to_id(&self, user: &User, id: Uuid) -> Result<(), StoreError> {
        let row = api_token::Entity::find_by_id(id)
            .filter(api_token::Column::UserId.eq(user.id))
            .filter(api_token::Column::RevokedAt.is_null())
            .one(&self.reader)
            .await?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("token {id}")))?;
        self.resend(&row).await
    }

    /// A token that has not synced yet needs no mark: its first pull is sent everything.
    async fn resend(&self, token: &api_token::Model) -> Result<(), StoreError> {
        if token.is_shared {
            RESEND_TO_ALL
                .execute(&self.writer, [token.id.into()])
                .await?;
        } else {
            RESEND
                .execute(&self.writer, [token.user_id.into(), token.id.into()])
                .await?;
        }
        Ok(())
    }

    /// Marks the database as restored from a backup: each device has to start over, pushes what it
    /// has, and is then sent what it lacks. The frames are copied, because what a device pushes is
    /// compared with the backup.
    ///
    /// Returns `false`, having changed nothing, if the database is already marked: a copy of what
    /// some devices have pushed since would not be the backup.
    ///
    /// # Errors
    /// When nothing was marked.
    pub async fn begin_merging(&self) -> Result<bool, StoreError> {
        let transaction = self.begin().await?;
        if IS_MARKED.one(&transaction, []).await?.is_some() {
            return Ok(false);
        }
        DELETE_COPY.execute(&transaction, []).await?;
        COPY_FRAMES.execute(&transaction, []).await?;
        MARK_RESTORED
            .execute(&transaction, [self.clock.now().into()])
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The devices that have not started over since [`Store::begin_merging`], as user and device.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unmerged_devices(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = UNMERGED
            .all(&self.reader, [self.clock.now().into()])
            .await?;
        let names = rows.iter().map(|row| {
            let (login, device) = (row.try_get("", "login")?, row.try_get("", "device")?);
            Ok((login, device))
        });
        names.collect()
    }

    /// Ends what [`Store::begin_merging`] began. Devices that have not started over are treated as
    /// before: they do not push again what they pushed after the backup was made.
    ///
    /// # Errors
    /// When the mark stays.
    pub async fn end_merging(&self) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        DELETE_COPY.execute(&transaction, []).await?;
        UNMARK_RESTORED.execute(&transaction, []).await?;
        transaction.commit().await?;
        Ok(())
    }
}
