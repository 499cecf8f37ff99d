//! File formats: export to CSV (RFC 4180), JSON Lines and iCalendar (RFC 5545), and import from
//! CSV, JSON Lines and Watson's own `frames` file.
//!
//! Architecture invariants: no HTTP and no SQL. An export turns pages of frames into bytes and
//! needs the memory of one page; an import accepts or refuses each frame on its own.

mod calendar;
mod cells;
mod csv_file;
mod import_format;
mod json_lines;
mod lines;
mod reading;
#[cfg(test)]
mod round_trip;
mod watson_file;

use futures_util::{Stream, StreamExt as _, stream};
use jiff::tz::TimeZone;
use uuid::Uuid;

pub use import_format::{ImportFormat, decode};
pub use json_lines::write_line;
pub use reading::{NotThisFormat, Reading, Refusal};
pub use watson_file::write_frame as write_watson;

use crate::store::ExportedFrame;

/// An export format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table with a header row.
    Csv,
    /// A JSON object per line.
    JsonLines,
    /// A calendar with an event for each frame.
    Calendar,
}

impl Format {
    /// The file name extension.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Calendar => "ics",
        }
    }

    /// The media type with its parameters.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
            Self::Calendar => "text/calendar; charset=utf-8",
        }
    }
}

/// How to write frames.
#[derive(Clone, Debug)]
pub struct Writer {
    /// The format.
    pub format: Format,
    /// The time zone of the instants in CSV.
    pub zone: TimeZone,
    /// Whether the frames are a team's, so that each names its owner.
    pub is_of_team: bool,
    /// The name of a calendar.
    pub name: String,
    /// Whether programs subscribe to the calendar, and need a refresh interval.
    pub is_feed: bool,
}

/// Why frames cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The stored tags are damaged.
    #[error("the stored tags of the frame {frame} are not a JSON list of texts: {cause}")]
    Tags {
        /// The id of the frame.
        frame: Uuid,
        /// The parser's error.
        cause: serde_json::Error,
    },
    /// A row cannot be written.
    #[error("a row of CSV cannot be written: {0}")]
    Csv(#[from] csv::Error),
}

impl Writer {
    /// Appends the part before the frames.
    fn open(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        match self.format {
            Format::Csv => csv_file::write_header(out, self.is_of_team)?,
            Format::JsonLines => (),
            Format::Calendar => calendar::open(out, &self.name, self.is_feed),
        }
        Ok(())
    }

    /// Appends frames.
    fn write(&self, out: &mut Vec<u8>, frames: &[ExportedFrame]) -> Result<(), WriteError> {
        match self.format {
            Format::Csv => csv_file::write_rows(out, frames, &self.zone, self.is_of_team),
            Format::JsonLines => json_lines::write_lines(out, frames, self.is_of_team),
            Format::Calendar => calendar::write_events(out, frames, self.is_of_team),
        }
    }

    /// Appends the part after the frames.
    fn close(&self, out: &mut Vec<u8>, is_empty: bool) {
        if self.format == Format::Calendar {
            calendar::close(out, is_empty);
        }
    }
}

/// The bytes of a file of these pages, one piece per page and at least one. An error ends the
/// stream.
pub fn file<E: From<WriteError> + Send + 'static>(
    pages: impl Stream<Item = Result<Vec<ExportedFrame>, E>> + Send + 'static,
    writer: Writer,
) -> impl Stream<Item = Result<Vec<u8>, E>> + Send + 'static {
    let pages = Box::pin(pages.peekable());
    stream::try_unfold(Some((pages, writer, true)), async move |state| {
        let Some((mut pages, writer, is_first)) = state else {
            return Ok(None);
        };
        let page = pages.next().await.transpose()?;
        let mut piece = Vec::new();
        if is_first {
            writer.open(&mut piece)?;
        }
        let is_empty = is_first && page.is_none();
        writer.write(&mut piece, &page.unwrap_or_default())?;
        let is_last = pages.as_mut().peek().await.is_none();
        if is_last {
            writer.close(&mut piece, is_empty);
        }
        Ok(Some((piece, (!is_last).then_some((pages, writer, false)))))
    })
}

/// Parses the tags of a frame, which are stored as a JSON list.
fn tags(frame: &ExportedFrame) -> Result<Vec<String>, WriteError> {
    let frame = &frame.frame;
    serde_json::from_str(&frame.tags).map_err(|cause| WriteError::Tags {
        frame: frame.id,
        cause,
    })
}
