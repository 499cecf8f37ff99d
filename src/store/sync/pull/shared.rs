//! A pull with a shared token; `sync/shared.rs` decides.

use std::slice;

use sea_orm::{ColumnTrait as _, DbErr, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::query::{Pull, Rest};
use crate::store::db::sql::Sql;
use crate::store::entity::sync_cursor;
use crate::store::sync::cursor_table;
use crate::store::sync::shared::{Cursor, PullPlan, plan_pull};
use crate::store::{Caller, Store, StoreError, User};

const USER_SEQ: Sql = Sql::both("SELECT seq FROM frame_sequences WHERE user_id = $1");

impl Store {
    pub(super) async fn pull_shared(
        &self,
        caller: &Caller,
        token_id: Uuid,
        last_sync: i64,
        seq: i64,
        cursors: &[Cursor],
    ) -> Result<Pull, StoreError> {
        let plan = plan_pull(cursors, last_sync, self.clock.now(), seq);
        if plan.is_known(cursors) || self.swap_cursor(cursors, &plan).await? {
            return Ok(Pull::by_cursor(&caller.user, &plan));
        }
        let transaction = self.begin().await?;
        let cursors = cursor_table::lock_cursors(&transaction, token_id).await?;
        let row = USER_SEQ.one(&transaction, [caller.user.id.into()]).await?;
        let seq = row.ok_or(StoreError::UserGone)?.try_get("", "seq")?;
        let plan = plan_pull(&cursors, last_sync, self.clock.now(), seq);
        let pull = Pull::by_cursor(&caller.user, &plan);
        let mut changed = plan.changed;
        changed.push(plan.cursor);
        cursor_table::write(&transaction, token_id, changed).await?;
        if !plan.forgotten.is_empty() {
            sync_cursor::Entity::delete_many()
                .filter(sync_cursor::Column::Id.is_in(plan.forgotten))
                .exec(&transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(pull)
    }

    /// Compare-and-swap of the plan's only cursor. Returns `false` if it changed meanwhile, or if
    /// the plan changes several.
    async fn swap_cursor(&self, read: &[Cursor], plan: &PullPlan) -> Result<bool, DbErr> {
        if !plan.changed.is_empty() || !plan.forgotten.is_empty() {
            return Ok(false);
        }
        cursor_table::replace(&self.writer, read, slice::from_ref(&plan.cursor)).await
    }
}

impl Pull {
    fn by_cursor(user: &User, plan: &PullPlan) -> Self {
        let (after, upto) = (plan.cursor.from_seq, plan.cursor.upto_seq);
        let rest = match plan.except {
            _ if after >= upto => Rest::Nothing,
            None if after == 0 => return Self::all(user, upto),
            except => Rest::Delta {
                after,
                upto,
                except,
            },
        };
        Self::new(user, rest)
    }
}
