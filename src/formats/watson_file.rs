//! Watson's own `frames` file: a JSON list of lists.

use std::io::Write;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::reading::{NotThisFormat, Reading};
use crate::input;
use crate::model::Frame;
use crate::store::PulledFrame;

/// A frame in the file: a list of these values, with seconds since 1970. Old versions wrote fewer.
#[derive(Deserialize)]
struct Row {
    start: i64,
    stop: i64,
    project: String,
    id: Uuid,
    #[serde(default)]
    tags: Option<Vec<String>>,
    #[serde(default, rename = "updated_at")]
    _updated_at: IgnoredAny,
}

/// The fields of a row.
const FIELDS: [&str; 6] = ["start", "stop", "project", "id", "tags", "updated_at"];

/// Reads a whole file. A frame's line is its position in the list, from 1.
///
/// # Errors
/// When it is not a JSON list.
pub(super) fn read(text: &str) -> Result<Reading, NotThisFormat> {
    let rows = input::read_frame_list(text.as_bytes())
        .map_err(|error| NotThisFormat(format!("this is not a Watson frames file: {error}")))?;
    let mut reading = Reading::default();
    for (place, row) in (1_u64..).zip(rows) {
        reading.add(place, frame(row.get()));
    }
    Ok(reading)
}

fn frame(text: &str) -> Result<Frame, String> {
    if !text.starts_with('[') {
        return Err("it is not a list, as Watson's frames are".to_owned());
    }
    let row: Row =
        input::read_row(text, &FIELDS).map_err(|error| format!("it is not a frame: {error}"))?;
    // An instant out of range becomes the nearest, which `Frame::new` refuses.
    let instant = |seconds: i64| {
        let beyond = if seconds < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Timestamp::from_second(seconds).unwrap_or(beyond)
    };
    let (start, stop) = (instant(row.start), instant(row.stop));
    Frame::new(
        row.id,
        start,
        stop,
        row.project,
        row.tags.unwrap_or_default(),
    )
    .map_err(|error| error.to_string())
}

/// Appends a frame to the list, after a bracket or a comma.
///
/// # Errors
/// When its stored tags are not JSON, or `out` fails.
pub fn write_frame(
    out: &mut impl Write,
    frame: PulledFrame<&str>,
    is_first: bool,
) -> Result<(), serde_json::Error> {
    let tags: &RawValue = serde_json::from_str(frame.tags)?;
    let (start, stop) = (frame.start_at.as_second(), frame.end_at.as_second());
    let between: &[u8] = if is_first { b"[\n " } else { b",\n " };
    out.write_all(between).map_err(serde_json::Error::io)?;
    let row = (start, stop, frame.project, frame.id.simple(), tags, stop);
    serde_json::to_writer(out, &row)
}
