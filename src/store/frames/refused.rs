//! Frames that cannot be stored. They are recorded for each token until a later push contains them in a
//! valid form, or for 90 days.
//!
//! SQL by hand: [`TRIM`] compares a pair of columns with a subquery.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, Select};
use uuid::Uuid;

use crate::model::RefusedFrame;
use crate::store::db::sql::{Sql, instant};
use crate::store::entity::refused_frame::{ActiveModel, Column, Entity, Model};
use crate::store::{Caller, Store, StoreError, User};

/// The most frames that are recorded for one token.
const MOST_RECORDED: usize = 100;
/// How long a frame stays recorded, in microseconds: 90 days.
const RECORDED_FOR: i64 = 90 * 86_400_000_000;

/// A refused frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedFrame {
    /// The token that pushed it; `None` for a user who signed in without one.
    pub device: Option<Uuid>,
    /// The frame's id as Watson shows it, or as it was sent; `None` without one.
    pub id: Option<String>,
    /// Its project and start, or the beginning of its JSON.
    pub description: String,
    /// Why it cannot be stored; the text completes the sentence "the frame is refused: …".
    pub reason: String,
    /// When it was refused last.
    pub refused_at: Timestamp,
}

/// Keeps the newest frames of a token.
const TRIM: Sql = Sql::both(
    "DELETE FROM refused_frames WHERE user_id = $1 AND token_id = $2 AND (refused_at < $3 \
     OR (frame, description) NOT IN (SELECT frame, description FROM refused_frames \
         WHERE user_id = $1 AND token_id = $2 \
         ORDER BY refused_at DESC, frame, description LIMIT $4))",
);

impl Store {
    /// Records the refused frames of a push, and deletes those that the same token has now pushed in a
    /// valid form. If `has_refused` is false, none are recorded yet.
    pub async fn update_refused_frames(
        &self,
        caller: &Caller,
        has_refused: bool,
        stored: &HashSet<Uuid>,
        refused: &[RefusedFrame],
    ) -> Result<(), StoreError> {
        if refused.is_empty() && (stored.is_empty() || !has_refused) {
            return Ok(());
        }
        let (user_id, token_id) = (caller.user.id, caller.token_id().unwrap_or_default());
        let replaced: HashSet<&str> = refused.iter().filter_map(|it| it.id.as_deref()).collect();
        let is_settled = |frame: &str| {
            let id = Uuid::try_parse(frame);
            replaced.contains(frame) || id.is_ok_and(|id| stored.contains(&id))
        };
        let recorded = of_device(user_id, token_id).all(&self.reader).await?;
        let frames = recorded.into_iter().map(|row| row.frame);
        let settled: Vec<String> = frames.filter(|frame| is_settled(frame)).collect();
        if settled.is_empty() && refused.is_empty() {
            return Ok(());
        }
        let transaction = self.begin().await?;
        Entity::delete_many()
            .filter(Column::UserId.eq(user_id))
            .filter(Column::TokenId.eq(token_id))
            .filter(Column::Frame.is_in(settled))
            .exec(&transaction)
            .await?;
        if !refused.is_empty() {
            let now = self.clock.now();
            let rows = to_record(refused).map(|it| row(user_id, token_id, it, now));
            let key = [
                Column::UserId,
                Column::TokenId,
                Column::Frame,
                Column::Description,
            ];
            let known = OnConflict::columns(key)
                .update_columns([Column::Reason, Column::RefusedAt])
                .to_owned();
            Entity::insert_many(rows)
                .on_conflict(known)
                .exec_without_returning(&transaction)
                .await?;
            let most = i64::try_from(MOST_RECORDED).unwrap_or(i64::MAX);
            let oldest = now - RECORDED_FOR;
            let values = [user_id.into(), token_id.into(), oldest.into(), most.into()];
            TRIM.execute(&transaction, values).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The recorded frames of a user, newest first.
    pub async fn list_refused_frames(&self, user: &User) -> Result<Vec<RecordedFrame>, StoreError> {
        let rows = Entity::find()
            .filter(Column::UserId.eq(user.id))
            .filter(Column::RefusedAt.gte(self.clock.now() - RECORDED_FOR))
            .order_by_desc(Column::RefusedAt)
            .order_by_asc(Column::Description)
            .all(&self.reader)
            .await?;
        rows.into_iter().map(recorded_frame).collect()
    }

    /// Deletes a user's recorded frames.
    pub async fn delete_refused_frames(&self, user: &User) -> Result<(), StoreError> {
        Entity::delete_many()
            .filter(Column::UserId.eq(user.id))
            .exec(&self.writer)
            .await?;
        Ok(())
    }
}

fn of_device(user_id: Uuid, token_id: Uuid) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::TokenId.eq(token_id))
}

fn row(user_id: Uuid, token_id: Uuid, refused: &RefusedFrame, now: i64) -> ActiveModel {
    ActiveModel {
        user_id: Set(user_id),
        token_id: Set(token_id),
        frame: Set(refused.id.clone().unwrap_or_default()),
        description: Set(refused.description.clone()),
        reason: Set(refused.reason.clone()),
        refused_at: Set(now),
    }
}

/// The frames to record, without duplicates, because one statement cannot insert and update the same
/// row, and in the order of the key, so that two pushes do not deadlock.
fn to_record(refused: &[RefusedFrame]) -> impl Iterator<Item = &RefusedFrame> {
    let newest = refused.iter().take(MOST_RECORDED);
    let by_key: BTreeMap<_, _> = newest.map(|it| ((&it.id, &it.description), it)).collect();
    by_key.into_values()
}

fn recorded_frame(row: Model) -> Result<RecordedFrame, StoreError> {
    Ok(RecordedFrame {
        device: Some(row.token_id).filter(|id| !id.is_nil()),
        id: Some(row.frame).filter(|id| !id.is_empty()),
        description: row.description,
        reason: row.reason,
        refused_at: instant(row.refused_at)?,
    })
}
