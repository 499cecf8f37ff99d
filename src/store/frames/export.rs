//! All frames of a filter, page by page. Each page is its own statement, so that a slow client holds no
//! connection to the database.
//!
//! SQL by hand: it uses the conditions of `scope.rs`.

use futures_util::{Stream, stream};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use super::list::{conditions, stored_tags};
use super::scope::Conditions;
use crate::store::db::sql::instant;
use crate::store::sync::pull::{PulledFrame, pulled_frame};
use crate::store::{FrameFilter, Store, StoreError, User};

/// The most frames of one page.
const PAGE: i64 = 1_000;

/// A frame with what files contain about it.
#[derive(Clone, Debug)]
pub struct ExportedFrame {
    /// The frame.
    pub frame: PulledFrame,
    /// The owner.
    pub owner: Uuid,
    /// The owner's login.
    pub member: String,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// Increases with every write of the frame.
    pub revision: i64,
}

/// The position of a frame in a list: its start in microseconds, its id, its owner.
#[derive(Clone, Copy, Debug)]
struct Place(i64, Uuid, Uuid);

/// The part that has not been read yet.
struct Rest {
    after: Option<Place>,
    /// How many more frames may be read.
    most: i64,
}

impl Store {
    /// Frames in the order of [`Store::list_frames`], in pages that are not empty. Each page checks again
    /// whether the user may see them. A frame that is written during the export appears in its old or
    /// new state, or not at all if it moves to a position that was passed.
    pub fn stream_frames(
        &self,
        user: &User,
        filter: FrameFilter,
    ) -> impl Stream<Item = Result<Vec<ExportedFrame>, StoreError>> + Send + use<> {
        let rest = Rest {
            after: None,
            most: filter.limit,
        };
        let start = (self.clone(), user.clone(), filter, Some(rest));
        stream::try_unfold(start, async move |(store, user, filter, rest)| {
            let Some(Rest { after, most }) = rest.filter(|rest| rest.most > 0) else {
                return Ok(None);
            };
            let size = most.min(PAGE);
            let statement = statement(store.backend(), &user, &filter, after, size)?;
            let rows = store.reader.query_all_raw(statement).await?;
            let frames: Vec<ExportedFrame> =
                rows.iter().map(exported_frame).collect::<Result<_, _>>()?;
            let Some(last) = frames.last() else {
                return Ok(None);
            };
            let place = Place(
                last.frame.start_at.as_microsecond(),
                last.frame.id,
                last.owner,
            );
            let is_full = i64::try_from(frames.len()).is_ok_and(|count| count == size);
            let rest = is_full.then_some(Rest {
                after: Some(place),
                most: most - size,
            });
            Ok(Some((frames, (store, user, filter, rest))))
        })
    }
}

/// The page that begins after a position, or at the filter's offset.
fn statement(
    backend: DbBackend,
    user: &User,
    filter: &FrameFilter,
    after: Option<Place>,
    size: i64,
) -> Result<Statement, DbErr> {
    let Conditions {
        mut text,
        mut values,
        ..
    } = conditions(backend, user, filter)?;
    let next = values.len() + 1;
    let offset = match after {
        Some(Place(start, id, owner)) => {
            let (at, same, of) = (next, next + 1, next + 2);
            text.push_str(&format!(
                " AND f.start_at <= ${at} \
                 AND (f.start_at < ${at} OR f.id < ${same} OR (f.id = ${same} AND f.user_id > ${of}))"
            ));
            values.extend([Value::from(start), id.into(), owner.into()]);
            0
        }
        None => filter.offset,
    };
    let (limit, skip) = (values.len() + 1, values.len() + 2);
    values.extend([Value::from(size), offset.into()]);
    let tags = stored_tags(backend);
    let text = format!(
        "WITH f AS (SELECT f.user_id, f.id, f.project_id, f.start_at, f.end_at, f.tags, f.updated_at, f.seq \
         FROM frames f WHERE {text} ORDER BY f.start_at DESC, f.id DESC, f.user_id LIMIT ${limit} OFFSET ${skip}) \
         SELECT f.updated_at, f.id, f.start_at, f.end_at, p.name, {tags}, f.user_id, u.login, f.seq \
         FROM f JOIN projects p ON p.id = f.project_id JOIN users u ON u.id = f.user_id \
         ORDER BY f.start_at DESC, f.id DESC, f.user_id"
    );
    Ok(Statement::from_sql_and_values(backend, text, values))
}

fn exported_frame(row: &QueryResult) -> Result<ExportedFrame, DbErr> {
    Ok(ExportedFrame {
        frame: pulled_frame(row)?,
        owner: row.try_get("", "user_id")?,
        member: row.try_get("", "login")?,
        updated_at: instant(row.try_get("", "updated_at")?)?,
        revision: row.try_get("", "seq")?,
    })
}
