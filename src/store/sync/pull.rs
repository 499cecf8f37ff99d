//! The delta: what a device has not been told yet.

mod page;
mod page_pack;

use std::slice;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult};
use uuid::Uuid;

use super::cursor_table;
use super::shared::{Cursor, PullPlan, plan_pull};
use crate::store::entity::sync_cursor;
use crate::store::{Caller, Sql, Store, StoreError, User, instant, now};

/// Which frames are to be sent. Pages are read with [`Store::pull_page`].
#[derive(Clone, Debug)]
pub struct Pull {
    user: User,
    rest: Rest,
    /// Whether its pages may come as one value each.
    is_packed: bool,
}

/// What of a pull has not been read yet.
#[derive(Clone, Debug)]
enum Rest {
    /// The frames with sequence numbers after one and up to another, without one writer's.
    Delta {
        after: i64,
        upto: i64,
        except: Option<Uuid>,
    },
    /// Every frame with an id after this one: each once, also those that are written again meanwhile.
    All {
        after: Uuid,
    },
    Nothing,
}

/// A frame as it is sent; its tags are the JSON list that is stored.
#[derive(Clone, Copy, Debug)]
pub struct PulledFrame<Text = String> {
    /// The client's name for it.
    pub id: Uuid,
    /// When the work began.
    pub start_at: jiff::Timestamp,
    /// When it ended.
    pub end_at: jiff::Timestamp,
    /// The name of the project.
    pub project: Text,
    /// A JSON list of texts.
    pub tags: Text,
}

impl PulledFrame {
    /// The same frame, whose texts stay where they are.
    #[must_use]
    pub fn by_ref(&self) -> PulledFrame<&str> {
        PulledFrame {
            id: self.id,
            start_at: self.start_at,
            end_at: self.end_at,
            project: &self.project,
            tags: &self.tags,
        }
    }
}

const USER_SEQ: Sql = Sql::both("SELECT seq FROM users WHERE id = $1");

impl Store {
    /// Decides what a device that presents `last_sync` (none: a new one) is to be sent, and remembers it. Somebody who
    /// signed in without a device's token is sent everything, and nothing is remembered.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pull(
        &self,
        caller: &Caller,
        last_sync: jiff::Timestamp,
    ) -> Result<Pull, StoreError> {
        let Some(token_id) = caller.device else {
            return Ok(self.pull_all(&caller.user));
        };
        if let Some(state) = &caller.sync_state {
            let cursors = &state.cursors;
            let plan = plan_pull(cursors, last_sync.as_microsecond(), now(), state.seq);
            if plan.is_known(cursors) || self.remember(cursors, &plan).await? {
                return Ok(Pull::planned(&caller.user, &plan));
            }
        }
        let transaction = self.begin().await?;
        let cursors = cursor_table::locked(&transaction, token_id).await?;
        let seq = user_seq(&transaction, &caller.user).await?;
        let plan = plan_pull(&cursors, last_sync.as_microsecond(), now(), seq);
        let pull = Pull::planned(&caller.user, &plan);
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

    /// Writes what a plan changes if that is one cursor, which still is what was read. Whether it could.
    async fn remember(&self, read: &[Cursor], plan: &PullPlan) -> Result<bool, DbErr> {
        if !plan.changed.is_empty() || !plan.forgotten.is_empty() {
            return Ok(false);
        }
        cursor_table::replace(&self.writer, read, slice::from_ref(&plan.cursor)).await
    }

    /// All frames of a user, for somebody who is no device and of whom nothing is remembered.
    #[must_use]
    pub fn pull_all(&self, user: &User) -> Pull {
        Pull {
            user: user.clone(),
            rest: Rest::All { after: Uuid::nil() },
            is_packed: true,
        }
    }
}

impl Pull {
    fn planned(user: &User, plan: &PullPlan) -> Self {
        let (after, upto) = (plan.cursor.from_seq, plan.cursor.upto_seq);
        let rest = if after < upto {
            Rest::Delta {
                after,
                upto,
                except: plan.except,
            }
        } else {
            Rest::Nothing
        };
        Self {
            user: user.clone(),
            rest,
            is_packed: true,
        }
    }

    /// How many frames the next page may hold, as far as that is known.
    #[must_use]
    pub fn expected(&self) -> usize {
        match self.rest {
            Rest::Delta { after, upto, .. } => {
                usize::try_from(upto - after).map_or(0, |frames| frames.min(page::PAGE))
            }
            Rest::All { .. } | Rest::Nothing => 0,
        }
    }

    /// Whether every page has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }
}

/// Reads a frame from a row that holds its id, start, end, project and tags after a column of something else.
pub(in crate::store) fn pulled_frame(row: &QueryResult) -> Result<PulledFrame, DbErr> {
    Ok(PulledFrame {
        id: row.try_get_by_index(1)?,
        start_at: instant(row.try_get_by_index(2)?)?,
        end_at: instant(row.try_get_by_index(3)?)?,
        project: row.try_get_by_index(4)?,
        tags: row.try_get_by_index(5)?,
    })
}

async fn user_seq(db: &impl ConnectionTrait, user: &User) -> Result<i64, StoreError> {
    let row = USER_SEQ.one(db, [user.id.into()]).await?;
    let row = row.ok_or(StoreError::UserGone)?;
    Ok(row.try_get_by_index(0)?)
}
