//! Calendars as another program reads them: Python's package `icalendar`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::{feed, lines, program};
use crate::support::{Crick, Engine, frame_of, missing, on_both_engines, python_with, run};

on_both_engines![
    another_program_reads_the_calendar,
    a_calendar_without_frames_is_valid,
    an_edit_raises_the_sequence_and_the_last_modification,
];

/// Older versions of the package end an item of a list at an escaped comma.
const VERSION: &str = "7.3.2";

/// Prints the calendar as JSON, and fails if it cannot read it.
const READER: &str = r#"
import json, sys
from icalendar import Calendar
calendar = Calendar.from_ical(open(sys.argv[1], "rb").read())
assert not calendar.errors and calendar["VERSION"] == "2.0" and calendar["PRODID"], calendar
assert calendar.subcomponents, "a calendar has at least one component"
assert all(not part.errors for part in calendar.walk()), calendar
events = []
for event in calendar.walk("VEVENT"):
    assert event["UID"] and event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt, event
    assert int(event["SEQUENCE"]) >= 0, event
    end = event["DTEND"].dt.isoformat() if "DTEND" in event else None
    tags = [str(it) for it in event["CATEGORIES"].cats] if "CATEGORIES" in event else []
    events.append([str(event["SUMMARY"]), event["DTSTART"].dt.isoformat(), end, tags])
print(json.dumps([str(calendar["NAME"]), events]))
"#;

/// A Python with the package; `None`, after a message, if it is not available.
fn python() -> Option<PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let works = |python: &Path| {
            let print = "import icalendar; print(icalendar.__version__)";
            let found = run(Command::new(python).args(["-c", print]));
            found.stdout.trim() == VERSION
        };
        let python = python_with("icalendar", &[format!("icalendar=={VERSION}")], works);
        let skip = |why: String| {
            missing(
                "icalendar",
                "the tests with another reader of calendars",
                &why,
            )
        };
        python.map_err(skip).ok()
    };
    PYTHON.get_or_init(find).clone()
}

/// The name and the events of a calendar.
#[track_caller]
fn read(python: &Path, crick: &Crick, path: &str) -> Value {
    let file = crick.database.path("feed.ics");
    std::fs::write(&file, program(crick).get(path).body).expect("a file");
    let ran = run(Command::new(python).args(["-c", READER]).arg(&file)).succeeded();
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn another_program_reads_the_calendar(engine: Engine) {
    let Some(python) = python() else {
        return;
    };
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let long = "a very long name, with; all\\kinds of \"signs\" 🚀".repeat(5);
    alice.push(&[
        frame_of(
            "2026-03-01T10:00:00Z",
            "2026-03-01T11:00:00Z",
            "two\nlines",
            &["a,b", "c;d\\", "é"],
        ),
        frame_of("2026-03-02T10:00:00Z", "2026-03-02T10:00:00Z", &long, &[]),
    ]);
    let (_, path) = feed(&alice, json!({"name": "work and play", "days_back": 3650}));
    let events = json!([
        [long, "2026-03-02T10:00:00+00:00", null, []],
        [
            "two\nlines",
            "2026-03-01T10:00:00+00:00",
            "2026-03-01T11:00:00+00:00",
            ["a,b", "c;d\\", "é"]
        ],
    ]);
    let calendar = read(&python, &crick, &path);
    assert_eq!(calendar, json!(["work and play", events]));
}

fn a_calendar_without_frames_is_valid(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (_, path) = feed(&alice, json!({"name": "work"}));
    let calendar = program(&crick).get(&path);
    let calendar = calendar.text();
    assert!(
        calendar.contains("BEGIN:VTIMEZONE\r\nTZID:Etc/UTC\r\n"),
        "{calendar}"
    );
    let file = alice.get("/frames.ics");
    assert_eq!(file.text().matches("BEGIN:VTIMEZONE").count(), 1);
    if let Some(python) = python() {
        assert_eq!(read(&python, &crick, &path), json!(["work", []]));
    }
    let at = jiff::Timestamp::now().to_string();
    alice.push(&[frame_of(&at, &at, "apollo", &[])]);
    let calendar = program(&crick).get(&path);
    assert!(!calendar.text().contains("VTIMEZONE"), "an event will do");
}

fn an_edit_raises_the_sequence_and_the_last_modification(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let now = jiff::Timestamp::now().to_string();
    let (mut edited, other) = (
        frame_of(&now, &now, "apollo", &[]),
        frame_of(&now, &now, "gemini", &[]),
    );
    alice.push(&[edited.clone(), other]);
    // A minute passes.
    crick
        .database
        .execute("UPDATE frames SET updated_at = updated_at - 60000000");
    let (_, path) = feed(&alice, json!({"name": "work"}));
    let events = || -> Vec<(String, i64, String)> {
        let calendar = program(&crick).get(&path);
        let calendar = calendar.text();
        let ids = lines(calendar, "UID:").into_iter().map(str::to_owned);
        let numbers = lines(calendar, "SEQUENCE:").into_iter();
        let numbers = numbers.map(|it| it.parse().expect("a number"));
        let changes = lines(calendar, "LAST-MODIFIED:")
            .into_iter()
            .map(str::to_owned);
        let mut events: Vec<_> = ids
            .zip(numbers)
            .zip(changes)
            .map(|((id, at), to)| (id, at, to))
            .collect();
        events.sort();
        events
    };
    let before = events();
    edited["tags"] = json!(["moon"]);
    alice.push(&[edited.clone()]);
    let after = events();
    let id = edited["id"].as_str().expect("an id");
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.0, after.0);
        if after.0.starts_with(id) {
            assert!(
                after.1 > before.1 && after.2 > before.2,
                "{before:?} {after:?}"
            );
        } else {
            assert_eq!(before, after);
        }
    }
    assert_eq!((before.len(), after.len()), (2, 2));
    alice.push(&[edited]);
    assert_eq!(events(), after, "unchanged, it is the same");
}
