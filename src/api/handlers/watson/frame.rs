//! A frame as Watson receives it.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::HttpError;
use crate::store::PulledFrame;

/// A frame for every version of Watson: `begin_at` and `start_at` are the same instant.
#[derive(ToSchema)]
#[cfg_attr(test, derive(serde::Serialize))]
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "write_frame writes it; this is its schema, and what the test expects"
    )
)]
pub(in crate::api) struct WatsonFrame<'a> {
    id: Uuid,
    begin_at: Timestamp,
    start_at: Timestamp,
    end_at: Timestamp,
    project: &'a str,
    #[schema(value_type = Vec<String>)]
    tags: &'a RawValue,
}

const PRINTER: DateTimePrinter = DateTimePrinter::new();

/// Serializes a frame as a `WatsonFrame`, without serde, which took half of the time of a long
/// pull.
///
/// # Errors
/// Never for a frame of the store; only for an instant out of jiff's range.
pub fn write_frame(out: &mut Vec<u8>, frame: PulledFrame<&str>) -> Result<(), HttpError> {
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    frame.id.hyphenated().encode_lower(&mut id);
    out.extend_from_slice(b"{\"id\":\"");
    out.extend_from_slice(&id);
    out.extend_from_slice(b"\",\"begin_at\":\"");
    let start = out.len();
    write_instant(out, frame.start_at)?;
    let start = start..out.len();
    out.extend_from_slice(b"\",\"start_at\":\"");
    out.extend_from_within(start);
    out.extend_from_slice(b"\",\"end_at\":\"");
    write_instant(out, frame.end_at)?;
    out.extend_from_slice(b"\",\"project\":");
    serde_json::to_writer(&mut *out, frame.project).map_err(|_| HttpError::Internal)?;
    out.extend_from_slice(b",\"tags\":");
    out.extend_from_slice(frame.tags.as_bytes());
    out.push(b'}');
    Ok(())
}

fn write_instant(out: &mut Vec<u8>, instant: Timestamp) -> Result<(), HttpError> {
    PRINTER
        .print_timestamp(&instant, out)
        .map_err(|_| HttpError::Internal)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_frame_is_written_as_serde_writes_it(
            id: u128,
            times in prop::array::uniform2(-2_208_988_800_000_000_i64..253_402_300_799_999_999),
            project: String,
            tags: Vec<String>,
        ) {
            let [start_at, end_at] = times.map(|at| Timestamp::from_microsecond(at).expect("a \
            year"));
            let tags = serde_json::to_string(&tags).expect("texts");
            let id = Uuid::from_u128(id);
            let frame = PulledFrame { id, start_at, end_at, project, tags };
            let expected = WatsonFrame {
                id,
                begin_at: start_at,
                start_at,
                end_at,
                project: &frame.project,
                tags: serde_json::from_str(&frame.tags).expect("a list"),
            };
            let mut written = Vec::new();
            write_frame(&mut written, frame.by_ref()).expect("a frame in order");
            prop_assert_eq!(
                String::from_utf8(written).expect("UTF-8"),
                serde_json::to_string(&expected).expect("serializable")
            );
        }
    }
}
