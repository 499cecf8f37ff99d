//! A heat map of the days of a year.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday, date};
use maud::{Markup, html};

use super::{scroll_box, swatch};
use crate::dashboard::duration::format_duration;
use crate::model::{Sum, Unit, workload};

/// The side of a day's square, and the distance between two squares, in pixels.
const SQUARE: i32 = 13;
const STEP: i32 = 16;
/// The width of the weekday labels.
const LEFT: i32 = 36;
/// The height of the month labels.
const ABOVE: i32 = 22;
/// A minute in microseconds.
const MINUTE: i128 = 60_000_000;

/// The labels of the levels of [`workload`], from 0.
const LEVELS: [&str; 5] = [
    "nothing",
    "up to 1 h",
    "up to 4 h",
    "up to 6 h",
    "more than 6 h",
];

/// The time of each day of a year.
#[derive(Debug)]
pub(in crate::dashboard) struct Year {
    year: i16,
    /// Microseconds by day, only days with time.
    pub(in crate::dashboard) days: BTreeMap<Date, i128>,
}

impl Year {
    /// Takes the days of a year from a sum by day.
    pub(in crate::dashboard) fn new(year: i16, sum: &Sum) -> Self {
        let days = sum.groups.iter().filter_map(|(key, within)| {
            let day: Date = key.name.as_deref()?.parse().ok()?;
            (day.year() == year).then_some((day, within.microseconds))
        });
        Self {
            year,
            days: days.collect(),
        }
    }

    /// The time of each month.
    pub(in crate::dashboard) fn months(&self) -> [i128; 12] {
        let mut months = [0; 12];
        for (day, time) in &self.days {
            let at = usize::from(day.month().unsigned_abs()) - 1;
            months[at] += time;
        }
        months
    }

    /// The day with the most time, the first of equal ones.
    pub(in crate::dashboard) fn longest(&self) -> Option<(Date, i128)> {
        let days = self.days.iter().rev();
        days.max_by_key(|(_, time)| **time)
            .map(|(day, time)| (*day, *time))
    }

    /// The map, its legend, and the table. `address` is the page of a day's frames.
    pub(in crate::dashboard) fn draw(&self, address: impl Fn(Date) -> String) -> Markup {
        let first = date(self.year, 1, 1);
        let columns = column(first, first.last_of_year()) + 1;
        let drawing = html! {
            svg.heat width=(LEFT + columns * STEP) height=(ABOVE + 7 * STEP) role="group"
                aria-labelledby="year-chart" {
                title id="year-chart" {
                    "Time per day in " (self.year) "; the table below has the numbers"
                }
                @for month in 1..=12 {
                    @let x = LEFT + column(first, date(self.year, month, 1)) * STEP;
                    text.tick x=(x) y="12" { (date(self.year, month, 1).strftime("%b")) }
                }
                @for (name, row) in [("Mon", 0), ("Wed", 2), ("Fri", 4)] {
                    text.tick x="0" y=(ABOVE + row * STEP + 10) { (name) }
                }
                @for day in first.series(jiff::Span::new().days(1))
                    .take_while(|day| day.year() == self.year) {
                    (self.square(first, day, &address))
                }
            }
        };
        html! {
            figure.chart {
                (scroll_box("Time per day", &drawing))
                (legend())
                details {
                    summary { "Show as table" }
                    (self.table(&address))
                }
            }
        }
    }

    /// A day with work links to its frames. The links are outside of the tab order: the table has
    /// the same ones, and nobody wants to tab through 365 squares.
    fn square(&self, first: Date, day: Date, address: impl Fn(Date) -> String) -> Markup {
        let (x, y) = (LEFT + column(first, day) * STEP, ABOVE + row(day) * STEP);
        let time = self.days.get(&day).copied().unwrap_or(0);
        let name = html! {
            title {
                (day.strftime("%a %-d %b")) ": "
                @if time > 0 { (format_duration(time)) } @else { "nothing" }
            }
        };
        let square = |name: &Markup| {
            html! {
                rect class={ "heat-" (shade(time)) } x=(x) y=(y) width=(SQUARE) height=(SQUARE)
                    rx="2" { (name) }
            }
        };
        if time == 0 {
            return square(&name);
        }
        html! { a href=(address(day)) tabindex="-1" { (name) (square(&Markup::default())) } }
    }

    fn table(&self, address: impl Fn(Date) -> String) -> Markup {
        html! {
            table.numbers {
                caption.unseen { "Time per day in " (self.year) ", newest first" }
                thead { tr { th scope="col" { "Day" } th scope="col" { "Time" } } }
                tbody { @for (day, time) in self.days.iter().rev() { tr {
                    th scope="row" { a href=(address(*day)) { (day.strftime("%a %-d %b")) } }
                    td { (format_duration(*time)) }
                } } }
                tfoot { tr {
                    th scope="row" { "Total" }
                    td { (format_duration(self.days.values().sum())) }
                } }
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend aria-label="Legend" {
            @for (level, meaning) in LEVELS.into_iter().enumerate() {
                li { (swatch(&format!("heat-{level}"))) " " (meaning) }
            }
        }
    }
}

/// The column of a day's week. Weeks begin on Monday.
fn column(first: Date, day: Date) -> i32 {
    let begin = Unit::Week.first_day(first);
    let days = begin.until(day).map_or(0, |span| span.get_days());
    days / 7
}

/// The row of a day; Monday is 0.
fn row(day: Date) -> i32 {
    i32::from(day.weekday().since(Weekday::Monday))
}

/// The level of a day's time; 0 for none.
fn shade(microseconds: i128) -> u8 {
    match microseconds {
        0 => 0,
        some => workload(i64::try_from(some / MINUTE).unwrap_or(i64::MAX)),
    }
}

#[cfg(test)]
mod tests;
