//! Pages of frames, newest first, by project, team, tags and time.
//!
//! SQL by hand: one statement reads a page and counts all pages, with the same conditions.

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement};
use uuid::Uuid;

use super::scope::{Conditions, FrameSource};
use crate::model::Days;
use crate::store::db::sql::Sql;
use crate::store::sync::pull::{PulledFrame, pulled_frame};
use crate::store::{Store, StoreError, User};

/// Which frames to list.
#[derive(Clone, Debug)]
pub struct FrameFilter {
    /// The source.
    pub source: FrameSource,
    /// The tags that a frame must have.
    pub tags: Vec<String>,
    /// Frames that overlap these days.
    pub days: Days,
    /// The most frames to return.
    pub limit: i64,
    /// How many of the newest to skip.
    pub offset: i64,
}

/// A page of frames.
#[derive(Clone, Debug)]
pub struct FrameList {
    /// The number of frames on all pages.
    pub count: i64,
    /// The frames of this page with their owners.
    pub frames: Vec<(Uuid, PulledFrame)>,
}

const BEGUN_BEFORE: Sql = Sql::both("f.start_at < $?");
/// A frame that ends when the first day begins does not belong to that day, unless it has no length.
/// One that ends before it starts belongs to the day of its start.
const NOT_OVER_BY: Sql = Sql::both("(f.end_at > $? OR f.start_at >= $?)");

impl Store {
    /// A page of frames, newest first: by start, then by id.
    pub async fn list_frames(
        &self,
        user: &User,
        filter: &FrameFilter,
    ) -> Result<FrameList, StoreError> {
        let statement = statement(self.backend(), user, filter)?;
        let rows = self.reader.query_all_raw(statement).await?;
        let mut list = FrameList {
            count: 0,
            frames: Vec::with_capacity(rows.len()),
        };
        for row in &rows {
            list.count = row.try_get("", "number")?;
            // A page after the last one is a row with the number alone.
            if let Some(owner) = row.try_get("", "user_id")? {
                list.frames.push((owner, pulled_frame(row)?));
            }
        }
        Ok(list)
    }
}

/// The number and the page in one statement, so that they are consistent.
fn statement(backend: DbBackend, user: &User, filter: &FrameFilter) -> Result<Statement, DbErr> {
    let Conditions {
        text, mut values, ..
    } = conditions(backend, user, filter)?;
    let tags = stored_tags(backend);
    let (limit, offset) = (values.len() + 1, values.len() + 2);
    values.extend([filter.limit.into(), filter.offset.into()]);
    let text = format!(
        "WITH f AS (SELECT f.user_id, f.id, f.project_id, f.start_at, f.end_at, f.tags FROM frames f WHERE {text} \
         ORDER BY f.start_at DESC, f.id DESC, f.user_id LIMIT ${limit} OFFSET ${offset}) \
         SELECT n.number, f.id, f.start_at, f.end_at, p.name, {tags}, f.user_id \
         FROM (SELECT count(*) AS number FROM frames f WHERE {text}) n \
         LEFT JOIN f ON true LEFT JOIN projects p ON p.id = f.project_id \
         ORDER BY f.start_at DESC, f.id DESC, f.user_id"
    );
    Ok(Statement::from_sql_and_values(backend, text, values))
}

/// The conditions of a filter, without its page.
pub(in crate::store) fn conditions(
    backend: DbBackend,
    user: &User,
    filter: &FrameFilter,
) -> Result<Conditions, DbErr> {
    let mut conditions = Conditions::new(backend, user, &filter.source, &filter.tags)?;
    if let Some(until) = filter.days.until {
        conditions.add(&BEGUN_BEFORE, Some(until.as_microsecond().into()));
    }
    if let Some(since) = filter.days.since {
        conditions.add(&NOT_OVER_BY, Some(since.as_microsecond().into()));
    }
    Ok(conditions)
}

/// The tags of `f` as text.
pub(in crate::store) fn stored_tags(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "f.tags::text",
        _ => "f.tags",
    }
}
