//! Reads the frames of a pull in pages.
//!
//! A page is a statement of its own, so that a slow client holds no connection to the database. SQL
//! by hand: a page compares two columns at once, and each engine compares NULL in its own way.

use sea_orm::{DbBackend, DbErr, QueryResult, Value};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::frame::{PulledFrame, pulled_frame};
use super::page_pack;
use super::query::{PAGE, Place, Pull, Rest};
use crate::store::db::bind::json;
use crate::store::db::sql::Sql;
use crate::store::{Store, StoreError};

/// Deltas with at most this many frames are read in rows, longer ones as one value.
const MAX_ROWS: i64 = 100;

macro_rules! page {
    ($tags:literal, $which:literal) => {
        concat!(
            "SELECT f.seq, f.id, f.start_at, f.end_at, p.name, ",
            $tags,
            " FROM frames f JOIN projects p ON p.id = f.project_id WHERE f.user_id = $1 AND ",
            $which,
            " LIMIT $5"
        )
    };
}

/// No writer has the nil UUID, which stands for no exception.
const PAGE_OF_DELTA: Sql = Sql {
    postgres: page!(
        "f.tags::text",
        "f.seq > $2 AND f.seq <= $3 AND f.written_by IS DISTINCT FROM $4 ORDER BY f.seq"
    ),
    sqlite: page!(
        "f.tags",
        "f.seq > $2 AND f.seq <= $3 AND f.written_by IS NOT $4 ORDER BY f.seq"
    ),
};

const PAGE_OF_ALL: Sql = Sql {
    postgres: page!(
        "f.tags::text",
        "f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) ORDER BY f.start_at, f.id"
    ),
    sqlite: page!(
        "f.tags",
        "f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) ORDER BY f.start_at, f.id"
    ),
};

/// What others wrote, the device's own frames without some ranges, and what is owed. Such pulls are
/// rare, so the condition may be slow.
const PAGE_OF_SELECTED: Sql = Sql {
    postgres: page!(
        "f.tags::text",
        "f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) AND ( \
            (f.written_by IS DISTINCT FROM $6 AND f.seq > $7) \
            OR (f.written_by = $6 AND f.seq > $8 AND NOT EXISTS ( \
               SELECT 1 FROM json_array_elements($9::json) r \
               WHERE f.seq > (r ->> 0)::bigint AND f.seq <= (r ->> 1)::bigint)) \
            OR EXISTS (SELECT 1 FROM owed_frames o WHERE o.user_id = $1 AND o.token_id = $10 \
               AND o.sync = $11 AND o.frame_id = f.id AND o.seq = f.seq)) \
         ORDER BY f.start_at, f.id"
    ),
    sqlite: page!(
        "f.tags",
        "f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) AND ( \
            (f.written_by IS NOT $6 AND f.seq > $7) \
            OR (f.written_by = $6 AND f.seq > $8 AND NOT EXISTS (SELECT 1 FROM json_each($9) r \
               WHERE f.seq > (r.value ->> 0) AND f.seq <= (r.value ->> 1))) \
            OR EXISTS (SELECT 1 FROM owed_frames o WHERE o.user_id = $1 AND o.token_id = $10 \
               AND o.sync = $11 AND o.frame_id = f.id AND o.seq = f.seq)) \
         ORDER BY f.start_at, f.id"
    ),
};

impl Store {
    /// Reads the next page of a pull and passes its frames to `take`, one by one. A frame that is
    /// written again meanwhile leaves the pull's bounds, and is sent by the device's next one.
    ///
    /// # Errors
    /// Those of the database and of `take`.
    pub async fn pull_page<E: From<StoreError>>(
        &self,
        pull: &mut Pull,
        take: impl FnMut(PulledFrame<&str>) -> Result<(), E>,
    ) -> Result<(), E> {
        let last = match self.packed_page(pull).await? {
            Some(page) => {
                let (count, place) = page.for_each(take)?;
                (count == PAGE).then_some(Last {
                    seq: page.seq,
                    place,
                })
            }
            None => self.page_of_rows(pull, take).await?,
        };
        pull.rest.continue_after(last);
        Ok(())
    }

    /// The next page as one value, if it can be read in this way.
    async fn packed_page(&self, pull: &mut Pull) -> Result<Option<page_pack::Page>, StoreError> {
        let text = match &pull.rest {
            rest if !pull.is_packed || !rest.is_long() => return Ok(None),
            _ if self.backend() != DbBackend::Postgres => return Ok(None),
            Rest::Delta { .. } => page_pack::PAGE_OF_DELTA,
            Rest::All { .. } => page_pack::PAGE_OF_ALL,
            Rest::Selected { .. } | Rest::Nothing => return Ok(None),
        };
        let row = text.one(&self.reader, pull.values()?).await?;
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
        let values = pull.values().map_err(StoreError::from)?;
        let rows = sql.all(&self.reader, values).await;
        let rows = rows.map_err(StoreError::from)?;
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

/// Checks on SQLite, which stores any text, what PostgreSQL's type guarantees.
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
            seq: row.try_get("", "seq")?,
            place: Place {
                start_at: row.try_get("", "start_at")?,
                id: row.try_get("", "id")?,
            },
        })
    }
}

impl Pull {
    /// The parameters of the next page.
    fn values(&self) -> Result<Vec<Value>, DbErr> {
        let (user, most) = (self.user.id.into(), (PAGE as u64).into());
        Ok(match &self.rest {
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
                    json(&selection.except)?,
                    (*token_id).into(),
                    selection.owed_to.unwrap_or(-1).into(),
                ]
            }
            Rest::Nothing => Vec::new(),
        })
    }
}

impl Rest {
    /// Whether there may be many frames.
    fn is_long(&self) -> bool {
        match self {
            Self::Delta { after, upto, .. } => upto - after > MAX_ROWS,
            Self::All { .. } => true,
            Self::Selected { .. } | Self::Nothing => false,
        }
    }

    fn continue_after(&mut self, last: Option<Last>) {
        match (self, last) {
            (Self::Delta { after, .. }, Some(last)) => *after = last.seq,
            (Self::All { after, .. } | Self::Selected { after, .. }, Some(last)) => {
                *after = last.place;
            }
            (rest, _) => *rest = Self::Nothing,
        }
    }
}
