//! Frames survive export and import, whatever their names contain.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use uuid::Uuid;

use super::csv_file::read as read_csv;
use super::json_lines::read as read_json_lines;
use super::{Format, Reading, Writer};
use crate::model::Frame;
use crate::store::{ExportedFrame, PulledFrame};

/// Names that could break a table: formulas, quotes, separators, line ends, and arbitrary text.
fn name() -> impl Strategy<Value = String> {
    let nasty =
        prop::string::string_regex("[=+\\-@'\",;\\\\\t\r\n a＝\u{feff}]{0,6}").expect("a pattern");
    prop_oneof![nasty, any::<String>()]
        .prop_map(|name| name.replace('\0', "").chars().take(100).collect())
}

/// The year 1900 in microseconds.
const FIRST: i64 = -2_208_988_800_000_000;

/// Any frame that can be stored, also nameless or reversed.
fn frame() -> impl Strategy<Value = Frame> {
    let instants = (
        FIRST..250_000_000_000_000_000_i64,
        -1_000_000_000_000..1_000_000_000_000_i64,
    );
    let tags = prop::collection::vec(name(), 0..5);
    (1..u128::MAX, instants, name(), tags).prop_map(|(id, (start, length), project, tags)| {
        let at = |us: i64| Timestamp::from_microsecond(us.max(FIRST)).expect("an instant");
        Frame::new(
            Uuid::from_u128(id),
            at(start),
            at(start + length),
            project,
            tags,
        )
        .expect("a frame")
    })
}

fn exported(frame: &Frame) -> ExportedFrame {
    ExportedFrame {
        frame: PulledFrame {
            id: frame.id,
            start_at: frame.start_at,
            end_at: frame.end_at,
            project: frame.project.clone(),
            tags: serde_json::to_string(&frame.tags).expect("JSON"),
        },
        owner: Uuid::nil(),
        member: "=ada".to_owned(),
        updated_at: Timestamp::UNIX_EPOCH,
        revision: 1,
    }
}

fn export(format: Format, frames: &[Frame], is_of_team: bool) -> String {
    let writer = Writer {
        format,
        zone: TimeZone::get("Asia/Kathmandu").expect("a zone"),
        is_of_team,
        name: String::new(),
        is_feed: false,
    };
    let rows: Vec<ExportedFrame> = frames.iter().map(exported).collect();
    let mut out = Vec::new();
    writer.open(&mut out).expect("a head");
    writer.write(&mut out, &rows).expect("rows");
    writer.close(&mut out, rows.is_empty());
    String::from_utf8(out).expect("UTF-8")
}

fn frames(reading: Reading) -> Vec<Frame> {
    assert_eq!(reading.refused, 0, "{:?}", reading.refusals);
    reading.frames.into_iter().map(|(_, frame)| frame).collect()
}

proptest! {
    #[test]
    fn frames_come_back_from_csv_and_json_lines_as_they_were(
        all in prop::collection::vec(frame(), 0..5),
        is_of_team in any::<bool>(),
    ) {
        let csv = export(Format::Csv, &all, is_of_team);
        prop_assert_eq!(&frames(read_csv(&csv, &TimeZone::UTC).expect("a table")), &all);
        let lines = export(Format::JsonLines, &all, is_of_team);
        prop_assert_eq!(&frames(read_json_lines(&lines).expect("lines")), &all);
    }

    #[test]
    fn no_cell_is_a_formula(all in prop::collection::vec(frame(), 0..5)) {
        let csv = export(Format::Csv, &all, true);
        for record in csv::Reader::from_reader(csv.as_bytes()).records() {
            for cell in &record.expect("a row") {
                let is_number = cell.parse::<f64>().is_ok();
                prop_assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            }
        }
    }

    #[test]
    fn lines_of_a_calendar_are_short_and_whole(all in prop::collection::vec(frame(), 0..5)) {
        let calendar = export(Format::Calendar, &all, true);
        for line in calendar.split("\r\n") {
            prop_assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line:?}");
        }
        prop_assert_eq!(calendar.matches("BEGIN:VEVENT\r\n").count(), all.len());
    }

    #[test]
    fn reading_nonsense_never_panics(text in any::<String>()) {
        let table = format!("start,end,project,tags\n{text}");
        drop(read_csv(&table, &TimeZone::UTC));
        drop(read_csv(&text, &TimeZone::UTC));
        drop(read_json_lines(&text));
        drop(super::watson_file::read(&text));
    }
}
