//! A frame as it is sent.

use sea_orm::{DbErr, QueryResult};
use uuid::Uuid;

use crate::store::db::sql::instant;

/// A frame whose tags are the JSON list that is stored.
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
    /// The same frame with borrowed texts.
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

/// Reads the columns of a frame and the name of its project.
pub(in crate::store) fn pulled_frame(row: &QueryResult) -> Result<PulledFrame, DbErr> {
    Ok(PulledFrame {
        id: row.try_get("", "id")?,
        start_at: instant(row.try_get("", "start_at")?)?,
        end_at: instant(row.try_get("", "end_at")?)?,
        project: row.try_get("", "name")?,
        tags: row.try_get("", "tags")?,
    })
}
