//! Reads a page of frames from PostgreSQL as one value (see `db/row_pack.rs`), which takes a fifth
//! of the time that rows take. SQL by hand: only it can pack values.
//!
//! A packed frame is its id, its project's id, its start and end in microseconds (big-endian), and
//! its tags as PostgreSQL sends JSON: a version, which is 1, and the text. A packed project is its
//! id and its name.

use foldhash::HashMap;
use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use super::frame::PulledFrame;
use super::query::Place;
use crate::store::StoreError;
use crate::store::db::row_pack::{ID, damaged, items};
use crate::store::db::sql::{Sql, instant};

/// The highest sequence number of the page, its frames, and the user's projects.
macro_rules! page {
    ($which:literal) => {
        concat!(
            "SELECT coalesce(max(f.seq), 0) AS seq, \
                    coalesce(string_agg(f.packed, '\\x00'), '') AS frames, \
                    (SELECT coalesce(string_agg(p.packed, '\\x00'), '') \
                     FROM (SELECT uuid_send(id) || convert_to(name, 'UTF8') AS packed \
                           FROM projects WHERE user_id = $1 LIMIT 1001) p) AS projects \
             FROM (SELECT f.seq, uuid_send(f.id) || uuid_send(f.project_id) || \
             int8send(f.start_at) \
                          || int8send(f.end_at) || jsonb_send(f.tags) AS packed \
                   FROM frames f WHERE ",
            $which,
            ") f"
        )
    };
}

pub(super) const PAGE_OF_DELTA: Sql = Sql::both(page!(
    "f.user_id = $1 AND f.seq > $2 AND f.seq <= $3 AND f.written_by IS DISTINCT FROM $4 \
     ORDER BY f.seq LIMIT $5"
));

pub(super) const PAGE_OF_ALL: Sql = Sql::both(page!(
    "f.user_id = $1 AND f.seq <= $2 AND (f.start_at, f.id) > ($3, $4) \
     ORDER BY f.start_at, f.id LIMIT $5"
));

/// For users with more projects, pages are read in rows: even a page with few frames would contain
/// the names of all projects. The statement selects one more.
const MAX_PROJECTS: usize = 1_000;
/// Bytes of an instant.
const INSTANT: usize = 8;
const JSON_VERSION: char = '\u{1}';
/// Bytes of a frame before its tags.
const HEAD: usize = 2 * ID + 2 * INSTANT;

/// The names of projects by their ids, which the server chooses, so the hash needs no protection.
type Projects<'a> = HashMap<&'a [u8; ID], &'a str>;

pub(super) struct Page {
    /// The highest sequence number in it.
    pub(super) seq: i64,
    frames: Vec<u8>,
    projects: Vec<u8>,
}

impl Page {
    /// Returns `None` if the user has too many projects.
    pub(super) fn read(row: &QueryResult) -> Result<Option<Self>, DbErr> {
        let page = Self {
            seq: row.try_get("", "seq")?,
            frames: row.try_get("", "frames")?,
            projects: row.try_get("", "projects")?,
        };
        let is_whole = items::<ID>(&page.projects).count() <= MAX_PROJECTS;
        Ok(is_whole.then_some(page))
    }

    /// Passes the frames to `take`, one by one. Returns their number and the place of the last one.
    pub(super) fn for_each<E: From<StoreError>>(
        &self,
        mut take: impl FnMut(PulledFrame<&str>) -> Result<(), E>,
    ) -> Result<(usize, Place), E> {
        let projects: Result<Projects<'_>, DbErr> = items(&self.projects).collect();
        let projects = projects.map_err(StoreError::from)?;
        let (mut count, mut last) = (0, Place::FIRST);
        for item in items(&self.frames) {
            let (head, tags) = item.map_err(StoreError::from)?;
            let frame = unpack(head, tags, &projects).map_err(StoreError::from)?;
            let start_at = frame.start_at.as_microsecond();
            count += 1;
            last = Place {
                start_at,
                id: frame.id,
            };
            take(frame)?;
        }
        Ok((count, last))
    }
}

fn unpack<'a>(
    head: &[u8; HEAD],
    tags: &'a str,
    projects: &Projects<'a>,
) -> Result<PulledFrame<&'a str>, DbErr> {
    let (id, rest) = head.split_first_chunk::<ID>().ok_or_else(damaged)?;
    let (project, rest) = rest.split_first_chunk::<ID>().ok_or_else(damaged)?;
    let (start_at, rest) = rest.split_first_chunk::<INSTANT>().ok_or_else(damaged)?;
    let end_at = rest.first_chunk::<INSTANT>().ok_or_else(damaged)?;
    Ok(PulledFrame {
        id: Uuid::from_bytes(*id),
        start_at: instant(i64::from_be_bytes(*start_at))?,
        end_at: instant(i64::from_be_bytes(*end_at))?,
        project: projects.get(project).ok_or_else(damaged)?,
        tags: tags.strip_prefix(JSON_VERSION).ok_or_else(damaged)?,
    })
}
