//! A table of frames by day, newest first, in the session's time zone.

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::url::frames_url;
use crate::dashboard::duration::format_duration;
use crate::dashboard::name_filter::{name_markup, project_markup};
use crate::model::counted_time;
use crate::store::PulledFrame;

/// A frame with its local times.
struct Row<'a> {
    frame: &'a PulledFrame,
    start: Zoned,
    end: Zoned,
    tags: Vec<String>,
}

/// The frames that start on a day.
struct Day<'a> {
    date: Date,
    rows: Vec<Row<'a>>,
}

/// The table, with a row group per day.
pub(in crate::dashboard) fn frame_table(frames: &[PulledFrame], zone: &TimeZone) -> Markup {
    html! {
        // Some browsers drop the table semantics of the phone layout, hence the roles.
        table.frames role="table" {
            caption.unseen { "Frames, newest first; times in " (zone.iana_name().unwrap_or("UTC")) }
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { "Time" }
                th scope="col" role="columnheader" { "Project" }
                th scope="col" role="columnheader" { "Tags" }
                th scope="col" role="columnheader" { "Duration" }
            } }
            @for day in days(frames, zone) { tbody role="rowgroup" {
                tr.day role="row" { th scope="rowgroup" role="rowheader" colspan="4" {
                    (day.date.strftime("%A, %-d %B %Y"))
                } }
                @for row in &day.rows { (self::row(row)) }
            } }
        }
    }
}

fn days<'a>(frames: &'a [PulledFrame], zone: &TimeZone) -> Vec<Day<'a>> {
    let mut days: Vec<Day> = Vec::new();
    for frame in frames {
        let row = Row {
            frame,
            start: frame.start_at.to_zoned(zone.clone()),
            end: frame.end_at.to_zoned(zone.clone()),
            tags: serde_json::from_str(&frame.tags).unwrap_or_default(),
        };
        let date = row.start.date();
        match days.last_mut() {
            Some(day) if day.date == date => day.rows.push(row),
            _ => days.push(Day {
                date,
                rows: vec![row],
            }),
        }
    }
    days
}

fn row(row: &Row) -> Markup {
    let Row {
        frame, start, end, ..
    } = row;
    let counted = counted_time(frame.start_at, frame.end_at, &frame.project).as_micros();
    html! {
        tr role="row" {
            td.clock role="cell" {
                time datetime=(frame.start_at) { (start.strftime("%H:%M")) } " – "
                time datetime=(frame.end_at) { (end.strftime("%H:%M")) }
                @if start.date() != end.date() { " " small { (end.strftime("%-d %b")) } }
            }
            td.project role="cell" { (project(&frame.project)) }
            td.tags role="cell" { @for tag in &row.tags {
                a.tag href=(frames_url(&[("tag", tag)])) { (name_markup(tag)) } " "
            } }
            td.time role="cell" {
                (format_duration(counted))
                @if frame.end_at < frame.start_at { " " small { "ends before it starts" } }
            }
        }
    }
}

fn project(name: &str) -> Markup {
    html! { a href=(frames_url(&[("project", name)])) { (project_markup(name)) } }
}
