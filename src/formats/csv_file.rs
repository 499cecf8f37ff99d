//! CSV (RFC 4180): a header row, then one row for each frame.

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::cells::{guarded, joined, split, unguarded};
use super::lines::Lines;
use super::reading::{NotThisFormat, Reading, content_id};
use super::{WriteError, tags};
use crate::model::{Frame, InvalidInstant, counted_time, parse_local_instant};
use crate::store::ExportedFrame;

/// The columns; the last one in a team's file only.
const COLUMNS: [&str; 7] = ["id", "start", "end", "seconds", "project", "tags", "member"];

/// Which of the columns a file has.
fn columns(is_of_team: bool) -> &'static [&'static str] {
    if is_of_team { &COLUMNS } else { &COLUMNS[..6] }
}

fn writer(out: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(out)
}

/// Appends the header row.
pub(super) fn write_header(out: &mut Vec<u8>, is_of_team: bool) -> Result<(), csv::Error> {
    writer(out).write_record(columns(is_of_team))
}

/// Appends a row for each frame.
pub(super) fn write_rows(
    out: &mut Vec<u8>,
    frames: &[ExportedFrame],
    zone: &TimeZone,
    is_of_team: bool,
) -> Result<(), WriteError> {
    let mut writer = writer(out);
    for exported in frames {
        let frame = &exported.frame;
        let mut row = vec![
            frame.id.to_string(),
            local(frame.start_at, zone),
            local(frame.end_at, zone),
            seconds(counted_time(frame.start_at, frame.end_at, &frame.project)),
            guarded(&frame.project).into_owned(),
            guarded(&joined(&tags(exported)?)).into_owned(),
        ];
        if is_of_team {
            row.push(guarded(&exported.member).into_owned());
        }
        writer.write_record(&row)?;
    }
    Ok(())
}

/// An instant by the clocks of a zone (RFC 3339), which knows offsets of whole minutes only: where a zone's is none, as
/// before there were zones, in UTC.
fn local(instant: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(instant);
    let offset = if offset.seconds() % 60 == 0 {
        offset
    } else {
        Offset::UTC
    };
    instant.display_with_offset(offset).to_string()
}

/// A length in seconds, with a fraction where there is one.
fn seconds(length: SignedDuration) -> String {
    match length.subsec_micros() {
        0 => length.as_secs().to_string(),
        fraction => {
            let text = format!("{}.{fraction:06}", length.as_secs());
            text.trim_end_matches('0').to_owned()
        }
    }
}

/// Reads a file that has at least the columns `start`, `end` and `project`, in any order. Columns that are not known are
/// left alone, and so are `seconds` and `member`. Instants are those of RFC 3339, or what clocks in `zone` show,
/// `2026-03-01 09:00`: of an hour that comes twice the first, and of one that is left out the one after it.
///
/// # Errors
/// When the first row does not name these columns.
pub(super) fn read(text: &str, zone: &TimeZone) -> Result<Reading, NotThisFormat> {
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|_| NotThisFormat("the header row cannot be read".to_owned()))?;
    let at = |name: &str| {
        header
            .iter()
            .position(|column| column.trim().eq_ignore_ascii_case(name))
    };
    let needed = |name: &str| {
        at(name).ok_or_else(|| NotThisFormat(format!("the header row names no column {name}")))
    };
    let width = header.len();
    let places = Places {
        start: needed("start")?,
        end: needed("end")?,
        project: needed("project")?,
        tags: at("tags"),
        id: at("id"),
    };
    if let Some(line) = open_quote(text) {
        return Err(NotThisFormat(format!(
            "the quotation mark in line {line} is never closed"
        )));
    }
    let (mut reading, mut lines) = (Reading::default(), Lines::new(text));
    // The reader's own line numbers count LF only, and begin before blank lines.
    let mut line_at = |position: Option<&csv::Position>| {
        let byte = position.map_or(0, csv::Position::byte);
        lines.line_after_ends(usize::try_from(byte).unwrap_or(usize::MAX))
    };
    for record in reader.into_records() {
        match record {
            Ok(row) => {
                let line = line_at(row.position());
                let frame = match row.len() {
                    cells if cells == width => places.frame(&row, zone),
                    cells => Err(format!(
                        "the number of its cells is {cells}, and that of the header row {width}"
                    )),
                };
                reading.add(line, frame);
            }
            Err(error) => {
                let line = line_at(error.position());
                reading.add(line, Err("it cannot be read".to_owned()));
            }
        }
    }
    Ok(reading)
}

/// The line in which a quoted cell begins that goes on to the end of the file: what follows would be taken for its text.
fn open_quote(text: &str) -> Option<u64> {
    let (mut lines, mut opened) = (Lines::new(text), None);
    let (mut begins_cell, mut just_closed) = (true, false);
    for (at, character) in text.char_indices() {
        match (opened, character) {
            (Some(_), '"') => (opened, just_closed) = (None, true),
            (Some(_), _) => (),
            // Twice within a quoted cell it is a text, and so it is anywhere in a cell that did not begin with it.
            (None, '"') if begins_cell || just_closed => opened = Some(at),
            (None, other) => {
                begins_cell = matches!(other, ',' | '\n' | '\r');
                just_closed = false;
            }
        }
    }
    opened.map(|at| lines.line_of(at))
}

/// Where in a row the cells are that make a frame.
struct Places {
    start: usize,
    end: usize,
    project: usize,
    tags: Option<usize>,
    id: Option<usize>,
}

impl Places {
    fn frame(&self, row: &StringRecord, zone: &TimeZone) -> Result<Frame, String> {
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let start = instant("start", cell(self.start), zone)?;
        let end = instant("end", cell(self.end), zone)?;
        let project = unguarded(cell(self.project)).to_owned();
        let tags = split(unguarded(self.tags.map_or("", cell)));
        let id = match self.id.map_or("", cell).trim() {
            "" => content_id(start, end, &project, &tags),
            id => Uuid::parse_str(id).map_err(|_| "its id is not a UUID".to_owned())?,
        };
        Frame::new(id, start, end, project, tags).map_err(|error| error.to_string())
    }
}

fn instant(name: &str, cell: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    parse_local_instant(cell.trim(), zone).map_err(|invalid| match invalid {
        InvalidInstant::Malformed => format!(
            "its {name} is not an instant, like 2026-03-01T09:00:00+01:00, or 2026-03-01 09:00 by the clocks of tz"
        ),
        InvalidInstant::TooLate => format!("its {name} {invalid}"),
    })
}

#[cfg(test)]
mod tests;
