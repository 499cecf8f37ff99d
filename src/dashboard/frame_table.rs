//! Frames as people read them: by day, newest first, in their own time zone.

use jiff::Zoned;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::chosen_names::{visible, visible_project};
use super::duration::duration;
use super::frames::address;
use crate::model::counted_time;
use crate::store::PulledFrame;

/// A frame with its times as the clock showed them.
struct Row<'a> {
    frame: &'a PulledFrame,
    start: Zoned,
    end: Zoned,
    tags: Vec<String>,
}

/// The frames that began on one day.
struct Day<'a> {
    date: Date,
    rows: Vec<Row<'a>>,
}

/// Frames, newest first, as a table with a part for each day on which one begins.
pub(super) fn frame_table(frames: &[PulledFrame], zone: &TimeZone) -> Markup {
    html! {
        // On a phone rows are laid out as grids, with which some browsers forget what a row is: hence the roles.
        table.frames role="table" {
            caption.unseen { "Frames, newest first; times in " (zone.iana_name().unwrap_or("UTC")) }
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { "Time" }
                th scope="col" role="columnheader" { "Project" }
                th scope="col" role="columnheader" { "Tags" }
                th scope="col" role="columnheader" { "Duration" }
            } }
            @for day in days(frames, zone) { tbody role="rowgroup" {
                tr.day role="row" { th scope="rowgroup" role="rowheader" colspan="4" { (day.date.strftime("%A, %-d %B %Y")) } }
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
            // The store holds lists of texts and nothing else.
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
            td.tags role="cell" { @for tag in &row.tags { a.tag href=(address(&[("tag", tag)])) { (visible(tag)) } " " } }
            td.time role="cell" {
                (duration(counted))
                @if frame.end_at < frame.start_at { " " small { "ends before it starts" } }
            }
        }
    }
}

fn project(name: &str) -> Markup {
    html! { a href=(address(&[("project", name)])) { (visible_project(name)) } }
}
