//! The pages in which the frames of a pull are read.
//!
//! A page is a statement of its own, so that a slow client holds no connection to the database.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement, Value};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Place, Pull, PulledFrame, Rest, page_pack, pulled_frame};
use crate::store::db::sql::Sql;
use crate::store::{Store, StoreError};

/// The frames of one page.
pub(super) const PAGE: usize = 2_000;
/// Shorter lists are read in rows. Of longer ones the rows would cost more than all else.
const FEW: i64 = 100;

/// The writer to leave out is compared with the nil UUID when there is none, which no writer has.
const PAGE_OF_DELTA: Sql = Sql {
    postgres: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags::text FROM frames f \
               JOIN projects p ON p.id = f.project_id \
               WHERE f.user_id = $1 AND f.seq > $2 AND f.seq <= $3 AND f.written_by IS DISTINCT FROM $4 \
               ORDER BY f.seq LIMIT $5",
    sqlite: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags FROM frames f \
             JOIN projects p ON p.id = f.project_id \
             WHERE f.user_id = $1 AND f.seq > $2 AND f.seq <= $3 AND f.written_by IS NOT $4 \
             ORDER BY f.seq LIMIT $5",
};

const PAGE_OF_ALL: Sql = Sql {
    postgres: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags::text FROM frames f \
               JOIN projects p ON p.id = f.project_id \
               WHERE f.user_id = $1 AND f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) \
               ORDER BY f.start_at, f.id LIMIT $5",
    sqlite: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags FROM frames f \
             JOIN projects p ON p.id = f.project_id \
             WHERE f.user_id = $1 AND f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) \
             ORDER BY f.start_at, f.id LIMIT $5",
};

/// What others wrote, the device's own but for some ranges, and what is owed. Rare, so the condition may be slow.
const PAGE_OF_SELECTED: Sql = Sql {
    postgres: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags::text FROM frames f \
               JOIN projects p ON p.id = f.project_id \
               WHERE f.user_id = $1 AND f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) AND ( \
                  (f.written_by IS DISTINCT FROM $6 AND f.seq > $7) \
                  OR (f.written_by = $6 AND f.seq > $8 AND NOT EXISTS (SELECT 1 FROM json_array_elements($9::json) r \
                     WHERE f.seq > (r ->> 0)::bigint AND f.seq <= (r ->> 1)::bigint)) \
                  OR EXISTS (SELECT 1 FROM owed_frames o WHERE o.user_id = $1 AND o.token_id = $10 AND o.sync = $11 \
                     AND o.frame_id = f.id AND o.seq = f.seq)) \
               ORDER BY f.start_at, f.id LIMIT $5",
    sqlite: "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, f.tags FROM frames f \
             JOIN projects p ON p.id = f.project_id \
             WHERE f.user_id = $1 AND f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) AND ( \
                (f.written_by IS NOT $6 AND f.seq > $7) \
                OR (f.written_by = $6 AND f.seq > $8 AND NOT EXISTS (SELECT 1 FROM json_each($9) r \
                   WHERE f.seq > (r.value ->> 0) AND f.seq <= (r.value ->> 1))) \
                OR EXISTS (SELECT 1 FROM owed_frames o WHERE o.user_id = $1 AND o.token_id = $10 AND o.sync = $11 \
                   AND o.frame_id = f.id AND o.seq = f.seq)) \
             ORDER BY f.start_at, f.id LIMIT $5",
};

impl Store {
    /// Reads the next page of a pull and gives its frames to `take`, one by one. A frame that is written again meanwhile
    /// moves out of the pull's bounds and is sent by the device's next one.
    ///
    /// # Errors
    /// When the database fails, and those of `take`.
    pub async fn pull_page<E: From<StoreError>>(
        &self,
        pull: &mut Pull,
        take: impl FnMut(PulledFrame<&str>) -> Result<(), E>,
    ) -> Result<(), E> {
        let last = match self.packed_page(pull).await? {
            Some(page) => {
                let (count, place) = page.each(take)?;
                (count == PAGE).then_some(Last {
                    seq: page.seq,
                    place,
                })
            }
            None => self.page_of_rows(pull, take).await?,
        };
        pull.rest.go_on_after(last);
        Ok(())
    }

    /// The next page as one value, where there is one.
    async fn packed_page(&self, pull: &mut Pull) -> Result<Option<page_pack::Page>, StoreError> {
        let text = match &pull.rest {
            rest if !pull.is_packed || !rest.is_long() => return Ok(None),
            _ if self.backend() != DbBackend::Postgres => return Ok(None),
            Rest::Delta { .. } => page_pack::PAGE_OF_DELTA,
            Rest::All { .. } => page_pack::PAGE_OF_ALL,
            Rest::Selected { .. } | Rest::Nothing => return Ok(None),
        };
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, text, pull.values());
        let row = self.reader.query_one_raw(statement).await?;
        let page = page_pack::Page::read(&row.ok_or(StoreError::UserGone)?)?;
        pull.is_packed = page.is_some();
        Ok(page)
    }

    async fn page_of_rows<E: From<StoreError>>(
        &self,
        pull: &Pull,
        mut take: impl FnMut(PulledFrame<&str>) -> Result<(), E>,
    ) -> Result<Option<Last>, E> {
        let sql = match &pull.rest {
            Rest::Delta { .. } => PAGE_OF_DELTA,
            Rest::All { .. } => PAGE_OF_ALL,
            Rest::Selected { .. } => PAGE_OF_SELECTED,
            Rest::Nothing => return Ok(None),
        };
        let rows = sql
            .all(&self.reader, pull.values())
            .await
            .map_err(StoreError::from)?;
        for row in &rows {
            let frame = pulled_frame(row).map_err(StoreError::from)?;
            if self.backend() == DbBackend::Sqlite {
                check_tags(&frame).map_err(StoreError::from)?;
            }
            take(frame.by_ref())?;
        }
        let last = rows.last().filter(|_| rows.len() == PAGE);
        let last = last.map(Last::of).transpose();
        Ok(last.map_err(StoreError::from)?)
    }
}

/// PostgreSQL has seen to it that tags are JSON. SQLite keeps whatever text somebody may have written.
fn check_tags(frame: &PulledFrame) -> Result<(), DbErr> {
    match serde_json::from_str::<&RawValue>(&frame.tags) {
        Ok(_) => Ok(()),
        Err(error) => {
            tracing::error!(frame = %frame.id, %error, "stored tags are not JSON");
            Err(DbErr::Json(error.to_string()))
        }
    }
}

/// The last frame of a page that another may follow.
struct Last {
    seq: i64,
    place: Place,
}

impl Last {
    fn of(row: &QueryResult) -> Result<Self, DbErr> {
        Ok(Self {
            seq: row.try_get_by_index(0)?,
            place: Place {
                start_at: row.try_get_by_index(2)?,
                id: row.try_get_by_index(1)?,
            },
        })
    }
}

impl Pull {
    /// The parameters of a page.
    fn values(&self) -> Vec<Value> {
        let (user, most) = (self.user.id.into(), (PAGE as u64).into());
        match &self.rest {
            Rest::Delta {
                after,
                upto,
                except,
            } => {
                let except = except.unwrap_or(Uuid::nil());
                vec![user, (*after).into(), (*upto).into(), except.into(), most]
            }
            Rest::All { upto, after } => {
                let Place { start_at, id } = *after;
                vec![user, (*upto).into(), start_at.into(), id.into(), most]
            }
            Rest::Selected {
                token_id,
                writer,
                selection,
                after,
            } => {
                let Place { start_at, id } = *after;
                vec![
                    user,
                    selection.upto.into(),
                    start_at.into(),
                    id.into(),
                    most,
                    (*writer).into(),
                    selection.others_after.into(),
                    selection.own_after.unwrap_or(i64::MAX).into(),
                    selection.except.to_json().into(),
                    (*token_id).into(),
                    selection.owed_to.unwrap_or(-1).into(),
                ]
            }
            Rest::Nothing => Vec::new(),
        }
    }
}

impl Rest {
    /// Whether it may be many frames.
    fn is_long(&self) -> bool {
        match self {
            Self::Delta { after, upto, .. } => upto - after > FEW,
            Self::All { .. } => true,
            Self::Selected { .. } | Self::Nothing => false,
        }
    }

    fn go_on_after(&mut self, last: Option<Last>) {
        match (self, last) {
            (Self::Delta { after, .. }, Some(last)) => *after = last.seq,
            (Self::All { after, .. } | Self::Selected { after, .. }, Some(last)) => {
                *after = last.place;
            }
            (rest, _) => *rest = Self::Nothing,
        }
    }
}
