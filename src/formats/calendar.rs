//! iCalendar (RFC 5545, with the name and refresh interval of RFC 7986): an event per frame.
//!
//! Written by hand because the crates build a whole calendar in memory, and bring a second library
//! for time. Only line folding and escaping need care.

use jiff::Timestamp;

use super::{WriteError, tags};
use crate::model::{counted_time, project_label};
use crate::store::ExportedFrame;

/// The maximum length of a line in octets, without its end (RFC 5545, 3.1).
const LINE: usize = 75;
/// The refresh interval for subscribers.
const REFRESH: &str = "PT1H";

/// Appends the head of a calendar.
pub(super) fn open(out: &mut Vec<u8>, name: &str, is_feed: bool) {
    let name = text(name);
    line(out, "BEGIN:VCALENDAR");
    line(out, "VERSION:2.0");
    line(out, "PRODID:-//crick-api//frames//EN");
    line(out, "CALSCALE:GREGORIAN");
    line(out, &format!("NAME:{name}"));
    line(out, &format!("X-WR-CALNAME:{name}"));
    if is_feed {
        line(out, &format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"));
        line(out, &format!("X-PUBLISHED-TTL:{REFRESH}"));
    }
}

/// The time zone of all instants. No event refers to it, which is allowed.
const UTC: [&str; 9] = [
    "BEGIN:VTIMEZONE",
    "TZID:Etc/UTC",
    "BEGIN:STANDARD",
    "DTSTART:19700101T000000",
    "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000",
    "TZNAME:UTC",
    "END:STANDARD",
    "END:VTIMEZONE",
];

/// Appends the end of a calendar. One without events gets a time zone, because a calendar must have
/// a component (RFC 5545, 3.6), and strict programs refuse an empty one.
pub(super) fn close(out: &mut Vec<u8>, is_empty: bool) {
    if is_empty {
        UTC.iter().for_each(|content| line(out, content));
    }
    line(out, "END:VCALENDAR");
}

/// Appends an event for each frame.
pub(super) fn write_events(
    out: &mut Vec<u8>,
    frames: &[ExportedFrame],
    is_of_team: bool,
) -> Result<(), WriteError> {
    frames
        .iter()
        .try_for_each(|frame| write_event(out, frame, is_of_team))
}

fn write_event(
    out: &mut Vec<u8>,
    exported: &ExportedFrame,
    is_of_team: bool,
) -> Result<(), WriteError> {
    let frame = &exported.frame;
    let (start, end) = (utc(frame.start_at), utc(frame.end_at));
    let changed = utc(exported.updated_at);
    line(out, "BEGIN:VEVENT");
    // A frame's id is unique per owner only.
    line(out, &format!("UID:{}@{}", frame.id, exported.owner));
    // Without a METHOD this is the last change (3.8.7.2), so equal frames give equal bytes.
    line(out, &format!("DTSTAMP:{changed}"));
    line(out, &format!("LAST-MODIFIED:{changed}"));
    // A program replaces the event it has by one with a higher number (3.8.7.4).
    let revision = exported.revision.clamp(0, i64::from(i32::MAX));
    line(out, &format!("SEQUENCE:{revision}"));
    line(out, &format!("DTSTART:{start}"));
    // DTEND must be after the start (3.8.2.2); an event without one ends when it starts.
    let is_counted = counted_time(frame.start_at, frame.end_at, &frame.project).is_positive();
    if is_counted && end > start {
        line(out, &format!("DTEND:{end}"));
    }
    let project = text(project_label(&frame.project));
    if is_of_team {
        let member = text(&exported.member);
        line(out, &format!("SUMMARY:{project} ({member})"));
        line(out, &format!("CONTACT:{member}"));
    } else {
        line(out, &format!("SUMMARY:{project}"));
    }
    let tags: Vec<String> = tags(exported)?.iter().map(|tag| text(tag)).collect();
    if !tags.is_empty() {
        line(out, &format!("CATEGORIES:{}", tags.join(",")));
    }
    // Past work does not block time.
    line(out, "TRANSP:TRANSPARENT");
    line(out, "END:VEVENT");
    Ok(())
}

/// An instant in UTC, in whole seconds.
fn utc(instant: Timestamp) -> String {
    instant.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Escapes a text value (3.3.11). Drops control characters other than tabs and line ends, which
/// have no escape.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.replace("\r\n", "\n").chars() {
        match character {
            '\\' | ';' | ',' => escaped.extend(['\\', character]),
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push('\t'),
            control if control.is_control() => (),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Appends a line, folded between characters if it is too long.
fn line(out: &mut Vec<u8>, content: &str) {
    let mut octets = 0;
    let mut buffer = [0; 4];
    for character in content.chars() {
        let bytes = character.encode_utf8(&mut buffer).as_bytes();
        if octets + bytes.len() > LINE {
            out.extend_from_slice(b"\r\n ");
            octets = 1;
        }
        out.extend_from_slice(bytes);
        octets += bytes.len();
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_at_75_octets_between_characters() {
        for content in ["x".repeat(75), "x".repeat(300), "é🚀".repeat(60)] {
            let mut out = Vec::new();
            line(&mut out, &content);
            let folded = String::from_utf8(out).expect("whole characters");
            let lines: Vec<&str> = folded.trim_end_matches("\r\n").split("\r\n").collect();
            assert!(lines.iter().all(|line| line.len() <= 75), "{folded}");
            assert_eq!(folded.replace("\r\n ", ""), format!("{content}\r\n"));
        }
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(text("a;b,c\\d\r\ne\rf\u{7}"), "a\\;b\\,c\\\\d\\ne\\nf");
    }
}
