//! Calendars as another program understands them: the package `icalendar` of Python.

use std::process::Command;

use serde_json::{Value, json};

use super::{feed, program};
use crate::support::{Crick, Engine, frame_of, missing, on_both_engines, run};

on_both_engines![another_program_reads_the_calendar];

/// Prints what it reads, as JSON, and complains of what it does not understand.
const READER: &str = r#"
import json, sys
from icalendar import Calendar
calendar = Calendar.from_ical(open(sys.argv[1], "rb").read())
assert not calendar.errors and calendar["VERSION"] == "2.0" and calendar["PRODID"], calendar
events = []
for event in calendar.walk("VEVENT"):
    assert not event.errors and event["UID"] and event["DTSTAMP"], event
    end = event["DTEND"].dt.isoformat() if "DTEND" in event else None
    tags = [str(it) for it in event["CATEGORIES"].cats] if "CATEGORIES" in event else []
    events.append([str(event["SUMMARY"]), event["DTSTART"].dt.isoformat(), end, tags])
print(json.dumps([str(calendar["NAME"]), events]))
"#;

fn another_program_reads_the_calendar(engine: Engine) {
    let python = |arguments: &[&str]| run(Command::new("python3").args(arguments));
    let found = python(&["-c", "import icalendar"]);
    if found.code != Some(0) {
        missing(
            "icalendar",
            "the test with another reader of calendars",
            "Python has no package icalendar",
        );
        return;
    }
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
    let file = crick.database.path("feed.ics");
    std::fs::write(&file, program(&crick).get(&path).body).expect("a file");
    let ran = python(&["-c", READER, file.to_str().expect("UTF-8")]).succeeded();
    let read: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let events = json!([
        [long, "2026-03-02T10:00:00+00:00", null, []],
        [
            "two\nlines",
            "2026-03-01T10:00:00+00:00",
            "2026-03-01T11:00:00+00:00",
            ["a,b", "c;d\\", "é"]
        ],
    ]);
    assert_eq!(read, json!(["work and play", events]));
}
