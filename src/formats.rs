//! Frames as files: CSV (RFC 4180), JSON lines and iCalendar (RFC 5545) to take along, and CSV, JSON lines and Watson's
//! own `frames` file to bring in.
//!
//! Architecture invariants: no HTTP and no SQL in here. What is written comes as pages of frames and leaves as bytes, so
//! that an export takes the memory of one page; what is read is a text, and every frame in it is taken or refused by
//! itself.

mod calendar;
mod cells;
mod csv_file;
mod json_lines;
mod lines;
mod reading;
#[cfg(test)]
mod round_trip;
mod watson_file;

use futures_util::{Stream, StreamExt as _, stream};
use jiff::tz::TimeZone;
use uuid::Uuid;

pub use csv_file::read as read_csv;
pub use json_lines::{read as read_json_lines, write_line};
pub use reading::{NotThisFormat, Reading, Refusal};
pub use watson_file::{read as read_watson, write_frame as write_watson};

use crate::store::ExportedFrame;

/// What frames can be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table with a header row.
    Csv,
    /// A JSON object a line.
    JsonLines,
    /// A calendar with an event for each frame.
    Calendar,
}

impl Format {
    /// The end of a file's name, without the dot.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Calendar => "ics",
        }
    }

    /// The media type, with its parameters.
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
    /// As what.
    pub format: Format,
    /// The time zone of the instants in CSV.
    pub zone: TimeZone,
    /// Whether the frames are a team's, and each is to say whose it is.
    pub is_of_team: bool,
    /// What a calendar is called.
    pub name: String,
    /// Whether it is a calendar that programs subscribe to, which are told how often to ask.
    pub is_feed: bool,
}

/// Why frames cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What is stored is damaged.
    #[error("the stored tags of the frame {frame} are not a JSON list of texts: {cause}")]
    Tags {
        /// Which frame's.
        frame: Uuid,
        /// What is wrong.
        cause: serde_json::Error,
    },
    /// A row cannot be written.
    #[error("a row of CSV cannot be written: {0}")]
    Csv(#[from] csv::Error),
}

impl Writer {
    /// Appends what stands before the frames.
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

    /// Appends what stands after the frames.
    fn close(&self, out: &mut Vec<u8>) {
        if self.format == Format::Calendar {
            calendar::close(out);
        }
    }
}

/// The bytes of a file of these pages of frames, in as many pieces as there are pages, and at least one. After an error
/// nothing follows.
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
        writer.write(&mut piece, &page.unwrap_or_default())?;
        let is_last = pages.as_mut().peek().await.is_none();
        if is_last {
            writer.close(&mut piece);
        }
        Ok(Some((piece, (!is_last).then_some((pages, writer, false)))))
    })
}

/// The tags of a frame, which are stored as a JSON list.
fn tags(frame: &ExportedFrame) -> Result<Vec<String>, WriteError> {
    let frame = &frame.frame;
    serde_json::from_str(&frame.tags).map_err(|cause| WriteError::Tags {
        frame: frame.id,
        cause,
    })
}
