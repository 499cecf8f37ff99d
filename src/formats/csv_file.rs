//! CSV (RFC 4180): a header row, then a row per frame.

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::cells::{escape, join_list, split_list, unescape};
use super::lines::Lines;
use super::reading::{NotThisFormat, Reading, content_id};
use super::{WriteError, tags};
use crate::model::{Frame, InvalidInstant, counted_time, parse_local_instant};
use crate::store::ExportedFrame;

/// The columns. Only a team's file has the last one.
const COLUMNS: [&str; 7] = ["id", "start", "end", "seconds", "project", "tags", "member"];

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
            escape(&frame.project).into_owned(),
            escape(&join_list(&tags(exported)?)).into_owned(),
        ];
        if is_of_team {
            row.push(escape(&exported.member).into_owned());
        }
        writer.write_record(&row)?;
    }
    Ok(())
}

/// An instant with the offset of a zone. RFC 3339 allows whole minutes only; other offsets, as
/// before standard time, become UTC.
fn local(instant: Timestamp, zone: &TimeZone) -> String {
    let offset = zone.to_offset(instant);
    let offset = if offset.seconds() % 60 == 0 {
        offset
    } else {
        Offset::UTC
    };
    instant.display_with_offset(offset).to_string()
}

/// A duration in seconds, with a fraction if there is one.
fn seconds(length: SignedDuration) -> String {
    match length.subsec_micros() {
        0 => length.as_secs().to_string(),
        fraction => {
            let text = format!("{}.{fraction:06}", length.as_secs());
            text.trim_end_matches('0').to_owned()
        }
    }
}

/// Reads a file with at least the columns `start`, `end` and `project`, in any order. Ignores
/// unknown columns, `seconds` and `member`. Instants are RFC 3339 or local times in `zone`.
///
/// # Errors
/// When the first row lacks one of these columns, or a quotation mark is never closed.
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
    // The reader's own line numbers count only LF, and precede blank lines.
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

/// The line of a quoted cell that is never closed, which would swallow the rest of the file.
fn open_quote(text: &str) -> Option<u64> {
    let (mut lines, mut opened) = (Lines::new(text), None);
    let (mut begins_cell, mut just_closed) = (true, false);
    for (at, character) in text.char_indices() {
        match (opened, character) {
            (Some(_), '"') => (opened, just_closed) = (None, true),
            (Some(_), _) => (),
            // Doubled in a quoted cell, or inside an unquoted one, it is text.
            (None, '"') if begins_cell || just_closed => opened = Some(at),
            (None, other) => {
                begins_cell = matches!(other, ',' | '\n' | '\r');
                just_closed = false;
            }
        }
    }
    opened.map(|at| lines.line_of(at))
}

/// The column indexes of a frame's cells.
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
        let project = unescape(cell(self.project)).to_owned();
        let tags = split_list(unescape(self.tags.map_or("", cell)));
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
            "its {name} is not an instant, like 2026-03-01T09:00:00+01:00, or 2026-03-01 09:00 by \
             the clocks of tz"
        ),
        InvalidInstant::TooLate => format!("its {name} {invalid}"),
    })
}

#[cfg(test)]
mod tests;
