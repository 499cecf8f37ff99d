//! JSON Lines: an object per line, with the field names of Watson's protocol.

use std::io::Write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::WriteError;
use super::reading::{NotThisFormat, Reading, content_id};
use crate::input;
use crate::model::{Frame, InvalidInstant, parse_instant};
use crate::store::{ExportedFrame, PulledFrame};

/// A frame to write.
#[derive(Serialize)]
struct Line<'a> {
    id: Uuid,
    start_at: Timestamp,
    end_at: Timestamp,
    project: &'a str,
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
}

/// A frame to read. Other keys are ignored.
#[derive(Deserialize)]
struct Incoming {
    id: Option<Uuid>,
    start_at: Instant,
    end_at: Instant,
    project: String,
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// An instant with a zone.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Instant(Timestamp);

impl TryFrom<String> for Instant {
    type Error = InvalidInstant;

    fn try_from(text: String) -> Result<Self, InvalidInstant> {
        parse_instant(&text).map(Self)
    }
}

/// Appends a line for each frame.
pub(super) fn write_lines(
    out: &mut Vec<u8>,
    frames: &[ExportedFrame],
    is_of_team: bool,
) -> Result<(), WriteError> {
    for exported in frames {
        let member = is_of_team.then_some((exported.owner, exported.member.as_str()));
        write(out, exported.frame.by_ref(), member).map_err(|cause| WriteError::Tags {
            frame: exported.frame.id,
            cause,
        })?;
    }
    Ok(())
}

/// Writes a frame as a line.
///
/// # Errors
/// When its stored tags are not JSON, or `out` fails.
pub fn write_line(out: &mut impl Write, frame: PulledFrame<&str>) -> Result<(), serde_json::Error> {
    write(out, frame, None)
}

fn write(
    out: &mut impl Write,
    frame: PulledFrame<&str>,
    member: Option<(Uuid, &str)>,
) -> Result<(), serde_json::Error> {
    let line = Line {
        id: frame.id,
        start_at: frame.start_at,
        end_at: frame.end_at,
        project: frame.project,
        tags: serde_json::from_str(frame.tags)?,
        user_id: member.map(|(id, _)| id),
        member: member.map(|(_, login)| login),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n").map_err(serde_json::Error::io)
}

/// Reads a whole file, and skips blank lines.
///
/// # Errors
/// When no line is a JSON object.
pub(super) fn read(text: &str) -> Result<Reading, NotThisFormat> {
    let mut reading = Reading::default();
    let (mut lines, mut objects) = (0_u64, 0_u64);
    for (at, line) in (1_u64..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        lines += 1;
        // serde would accept a list for a struct, too.
        let frame = if line.trim_start().starts_with('{') {
            objects += 1;
            frame(line)
        } else {
            Err("it is not a JSON object".to_owned())
        };
        reading.add(at, frame);
    }
    if lines > 0 && objects == 0 {
        return Err(NotThisFormat("no line of it is a JSON object".to_owned()));
    }
    Ok(reading)
}

fn frame(text: &str) -> Result<Frame, String> {
    let line: Incoming =
        input::read_one_of_many(text).map_err(|error| format!("it is not a frame: {error}"))?;
    let Incoming {
        id,
        start_at: Instant(start_at),
        end_at: Instant(end_at),
        project,
        tags,
    } = line;
    let tags = tags.unwrap_or_default();
    let id = id.unwrap_or_else(|| content_id(start_at, end_at, &project, &tags));
    Frame::new(id, start_at, end_at, project, tags).map_err(|error| error.to_string())
}
