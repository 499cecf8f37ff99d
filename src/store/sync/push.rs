//! Writing frames: one transaction, and as many statements for ten thousand frames as for one.

pub(in crate::store) mod batch;

use std::collections::HashMap;

use batch::Batch;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::cursor_table;
use super::shared::plan_push;
use crate::model::Frame;
use crate::store::{Caller, Sql, Store, StoreError, User, now};

/// What a push came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Frames in it.
    pub received: usize,
    /// Frames that were new or different; the others were known already or had been removed.
    pub written: u64,
}

/// Takes the lock that orders all writes of one user, and answers the newest sequence number and whether the user has
/// tombstones.
const LOCK_USER: Sql = Sql {
    postgres: "SELECT seq, EXISTS (SELECT 1 FROM tombstones t WHERE t.user_id = u.id) \
               FROM users u WHERE u.id = $1 FOR UPDATE",
    sqlite: "SELECT seq, EXISTS (SELECT 1 FROM tombstones t WHERE t.user_id = u.id) FROM users u WHERE u.id = $1",
};

const INSERT_PROJECTS: Sql = Sql {
    postgres: "INSERT INTO projects (id, user_id, name, created_at) \
               SELECT p.id, $1, p.name, $2 FROM unnest($3, $4) AS p (id, name) \
               ON CONFLICT (user_id, name) DO NOTHING",
    sqlite: "INSERT INTO projects (id, user_id, name, created_at) \
             SELECT unhex(value ->> 0), $1, value ->> 1, $2 FROM json_each($3) WHERE true \
             ON CONFLICT (user_id, name) DO NOTHING",
};

/// New frames are inserted and different ones replaced, each with the next sequence number in the list's order; a frame
/// that is the same as the stored or the removed one is left alone.
const UPSERT_FRAMES: Sql = Sql {
    postgres: "INSERT INTO frames (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at) \
        SELECT $1, i.id, p.id, i.start_at, i.end_at, i.tags::jsonb, $2 + i.ordinal, $3, $4 \
        FROM unnest($5, $6, $7, $8, $9) WITH ORDINALITY AS i (id, project, start_at, end_at, tags, ordinal) \
        JOIN projects p ON p.user_id = $1 AND p.name = i.project \
        LEFT JOIN tombstones t ON t.user_id = $1 AND t.frame_id = i.id \
        WHERE t.frame_id IS NULL \
           OR (t.project, t.start_at, t.end_at, t.tags) <> (i.project, i.start_at, i.end_at, i.tags::jsonb) \
        ON CONFLICT (user_id, id) DO UPDATE SET project_id = excluded.project_id, start_at = excluded.start_at, \
           end_at = excluded.end_at, tags = excluded.tags, seq = excluded.seq, \
           written_by = excluded.written_by, updated_at = excluded.updated_at \
        WHERE (frames.project_id, frames.start_at, frames.end_at, frames.tags) \
           <> (excluded.project_id, excluded.start_at, excluded.end_at, excluded.tags)",
    sqlite: "INSERT INTO frames (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at) \
        SELECT $1, i.id, p.id, i.start_at, i.end_at, i.tags, $2 + i.ordinal, $3, $4 \
        FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS project, value ->> 2 AS start_at, \
                     value ->> 3 AS end_at, value ->> 4 AS tags, key + 1 AS ordinal FROM json_each($5)) i \
        CROSS JOIN projects p ON p.user_id = $1 AND p.name = i.project \
        LEFT JOIN tombstones t ON t.user_id = $1 AND t.frame_id = i.id \
        WHERE t.frame_id IS NULL \
           OR (t.project, t.start_at, t.end_at, t.tags) <> (i.project, i.start_at, i.end_at, i.tags) \
        ON CONFLICT (user_id, id) DO UPDATE SET project_id = excluded.project_id, start_at = excluded.start_at, \
           end_at = excluded.end_at, tags = excluded.tags, seq = excluded.seq, \
           written_by = excluded.written_by, updated_at = excluded.updated_at \
        WHERE (frames.project_id, frames.start_at, frames.end_at, frames.tags) \
           <> (excluded.project_id, excluded.start_at, excluded.end_at, excluded.tags)",
};

const FORGET_TOMBSTONES: Sql = Sql::both(
    "DELETE FROM tombstones WHERE user_id = $1 AND EXISTS \
     (SELECT 1 FROM frames f WHERE f.user_id = $1 AND f.id = tombstones.frame_id)",
);

/// A project that was made for nothing but removed frames, which stay removed, is not made.
const FORGET_PROJECTS: Sql = Sql::both(
    "DELETE FROM projects WHERE user_id = $1 AND created_at = $2 \
     AND NOT EXISTS (SELECT 1 FROM frames f WHERE f.project_id = projects.id)",
);

const ADVANCE_SEQ: Sql = Sql::both("UPDATE users SET seq = $2 WHERE id = $1");

impl Store {
    /// Writes the frames a device pushed, and notes that its sync has come to its end. Of two frames with one id the
    /// later one in the list counts.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn push(&self, caller: &Caller, frames: Vec<Frame>) -> Result<Written, StoreError> {
        let Some(token_id) = caller.device else {
            return self.frames_save(&caller.user, frames).await;
        };
        if frames.is_empty()
            && let Some(state) = &caller.sync_state
        {
            let plan = plan_push(&state.cursors, now());
            if cursor_table::replace(&self.writer, &state.cursors, &plan.changed).await? {
                return Ok(Written::default());
            }
        }
        let (transaction, writer) = self.begin_push(caller, token_id).await?;
        let written = write(&transaction, &caller.user, writer, frames).await?;
        transaction.commit().await?;
        Ok(written)
    }

    /// The transaction of a push that is noted in it, and the mark on its frames.
    async fn begin_push(
        &self,
        caller: &Caller,
        token_id: Uuid,
    ) -> Result<(DatabaseTransaction, Option<Uuid>), StoreError> {
        let mut transaction = self.begin().await?;
        if let Some(state) = &caller.sync_state {
            let plan = plan_push(&state.cursors, now());
            if cursor_table::replace(&transaction, &state.cursors, &plan.changed).await? {
                return Ok((transaction, plan.writer));
            }
            // An update that waited in vain keeps the cursor's lock, and the token's comes first.
            transaction.rollback().await?;
            transaction = self.begin().await?;
        }
        let cursors = cursor_table::locked(&transaction, token_id).await?;
        let plan = plan_push(&cursors, now());
        cursor_table::write(&transaction, token_id, plan.changed).await?;
        Ok((transaction, plan.writer))
    }

    /// Writes frames that come from no device; every device will be sent them.
    ///
    /// # Errors
    /// When the database fails; then nothing was written.
    pub async fn frames_save(
        &self,
        user: &User,
        frames: Vec<Frame>,
    ) -> Result<Written, StoreError> {
        let transaction = self.begin().await?;
        let written = write(&transaction, user, None, frames).await?;
        transaction.commit().await?;
        Ok(written)
    }
}

async fn write(
    transaction: &DatabaseTransaction,
    user: &User,
    writer: Option<Uuid>,
    frames: Vec<Frame>,
) -> Result<Written, StoreError> {
    if frames.is_empty() {
        return Ok(Written::default());
    }
    let lock = lock_user(transaction, user).await?;
    write_locked(transaction, user, lock, writer, frames).await
}

/// Writes at least one frame of a user whose lock is held, as [`lock_user`] answered it.
pub(in crate::store) async fn write_locked(
    transaction: &DatabaseTransaction,
    user: &User,
    (seq, has_tombstones): (i64, bool),
    writer: Option<Uuid>,
    frames: Vec<Frame>,
) -> Result<Written, StoreError> {
    let received = frames.len();
    let frames = last_of_each_id(frames);
    let batch = Batch::new(transaction.get_database_backend(), &frames)?;

    let now = now();
    let mut values = vec![user.id.into(), now.into()];
    values.extend(batch.projects);
    INSERT_PROJECTS.execute(transaction, values).await?;
    let mut values = vec![user.id.into(), seq.into(), writer.into(), now.into()];
    values.extend(batch.frames);
    let written = UPSERT_FRAMES.execute(transaction, values).await?;

    if written > 0 {
        let newest = seq + i64::try_from(frames.len()).unwrap_or(i64::MAX);
        advance_seq(transaction, user, newest).await?;
        if has_tombstones {
            FORGET_TOMBSTONES
                .execute(transaction, [user.id.into()])
                .await?;
        }
    }
    if has_tombstones {
        FORGET_PROJECTS
            .execute(transaction, [user.id.into(), now.into()])
            .await?;
    }
    Ok(Written { received, written })
}

/// Notes the newest sequence number given to a frame of a user whose lock is held.
pub(in crate::store) async fn advance_seq(
    db: &impl ConnectionTrait,
    user: &User,
    newest: i64,
) -> Result<(), StoreError> {
    ADVANCE_SEQ
        .execute(db, [user.id.into(), newest.into()])
        .await?;
    Ok(())
}

/// Waits until no other write of this user is under way. A user who was removed meanwhile is not found.
pub(in crate::store) async fn lock_user(
    db: &impl ConnectionTrait,
    user: &User,
) -> Result<(i64, bool), StoreError> {
    let row = LOCK_USER.one(db, [user.id.into()]).await?;
    let row = row.ok_or(StoreError::UserGone)?;
    Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
}

fn last_of_each_id(frames: Vec<Frame>) -> Vec<Frame> {
    let last: HashMap<Uuid, usize> = frames
        .iter()
        .enumerate()
        .map(|(at, frame)| (frame.id, at))
        .collect();
    if last.len() == frames.len() {
        return frames;
    }
    frames
        .into_iter()
        .enumerate()
        .filter(|(at, frame)| last[&frame.id] == *at)
        .map(|(_, frame)| frame)
        .collect()
}
