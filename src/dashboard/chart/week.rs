//! Hours per day and project, as stacked bars.

use std::collections::HashMap;

use jiff::civil::Date;
use maud::{Markup, html};

use super::axis::Axis;
use super::{Series, scroll_box, svg_length};
use crate::dashboard::duration::{decimal_hours, format_duration, short_duration};
use crate::model::{Key, Sum};

/// The height of the axis, in pixels.
const HEIGHT: f64 = 220.0;
/// The space above the bars, for their totals.
const ABOVE: f64 = 24.0;
/// The space below the bars, for the days.
const BELOW: f64 = 44.0;
/// The fraction of its column that a bar fills.
const FILLED: f64 = 0.62;

/// A day's bar.
#[derive(Debug)]
struct Day {
    date: Date,
    /// Microseconds of each series.
    parts: Vec<i128>,
    total: i128,
}

/// A bar chart of days.
#[derive(Debug)]
pub(in crate::dashboard) struct Week {
    /// The colored parts of the bars, longest first.
    pub(in crate::dashboard) series: Vec<Series>,
    days: Vec<Day>,
}

impl Week {
    /// Takes the days from a sum by day and project.
    pub(in crate::dashboard) fn new(dates: &[Date], sum: &Sum) -> Self {
        let series = Series::of(sum);
        let days = dates
            .iter()
            .map(|date| Day::new(*date, &series, sum))
            .collect();
        Self { series, days }
    }

    /// The class of a project's color.
    pub(in crate::dashboard) fn class(&self, project: &str) -> &str {
        let own = |series: &&Series| series.project.as_deref() == Some(project);
        let series = self.series.iter().find(own).or(self.series.last());
        series.map_or("series-others", |series| &series.class)
    }

    /// The chart and its table.
    pub(in crate::dashboard) fn draw(&self) -> Markup {
        let most = self.days.iter().map(|day| day.total).max().unwrap_or(0);
        let axis = Axis::new(most);
        let width = 100.0 / self.days.len().max(1) as f64;
        html! {
            figure.chart {
                svg.columns-chart width="100%" height=(ABOVE + HEIGHT + BELOW) role="img"
                    aria-labelledby="week-chart" {
                    title id="week-chart" {
                        "Hours per day and project; the table below has the numbers"
                    }
                    @for line in axis.lines() {
                        @let y = svg_length(level(axis, line));
                        line.grid x1="0" x2="100%" y1=(y) y2=(y) {}
                        text.tick x="-8" y=(y) dy="4" text-anchor="end" {
                            @if line > 0 { (short_duration(line)) } @else { "0" }
                        }
                    }
                    @for (at, day) in self.days.iter().enumerate() {
                        (self.column(day, axis, at as f64 * width, width))
                    }
                }
                details {
                    summary { "Show as table" }
                    (scroll_box("Hours per day and project", &self.table()))
                }
            }
        }
    }

    fn column(&self, day: &Day, axis: Axis, left: f64, width: f64) -> Markup {
        let middle = percent(left + width / 2.0);
        html! {
            @for (series, part, below) in self.stack(day) {
                @let (bottom, top) = (level(axis, below), level(axis, below + part));
                rect class=(series.class) x=(percent(left + width * (1.0 - FILLED) / 2.0))
                    width=(percent(width * FILLED)) y=(svg_length(top)) height=(svg_length(bottom - top)) {
                    title {
                        (day.date.strftime("%A")) ": \u{2068}" (series.name()) "\u{2069} "
                        (format_duration(part))
                    }
                }
            }
            @if day.total > 0 {
                @let y = svg_length(level(axis, day.total) - 7.0);
                text.total.long x=(middle) y=(y) text-anchor="middle" {
                    (short_duration(day.total))
                }
                text.total.short x=(middle) y=(y) text-anchor="middle" {
                    (decimal_hours(day.total))
                }
            }
            text.day x=(middle) y=(ABOVE + HEIGHT + 18.0) text-anchor="middle" {
                (day.date.strftime("%a"))
            }
            text.date x=(middle) y=(ABOVE + HEIGHT + 36.0) text-anchor="middle" { (day.date.day()) }
        }
    }

    /// The parts of a day's bar that have time, each with its time and the time below it.
    fn stack<'a>(&'a self, day: &'a Day) -> impl Iterator<Item = (&'a Series, i128, i128)> {
        let parts = self.series.iter().zip(&day.parts);
        parts
            .scan(0, |below, (series, part)| {
                let this = (series, *part, *below);
                *below += part;
                Some(this)
            })
            .filter(|(_, part, _)| *part > 0)
    }

    fn table(&self) -> Markup {
        let total = self.days.iter().map(|day| day.total).sum();
        html! {
            table.numbers {
                caption.unseen { "Hours per day and project" }
                thead { tr {
                    th scope="col" { "Project" }
                    @for day in &self.days { th scope="col" { (day.date.strftime("%a %-d %b")) } }
                    th scope="col" { "Total" }
                } }
                tbody { @for (at, series) in self.series.iter().enumerate() { tr {
                    th scope="row" { bdi { (series.name()) } }
                    @for day in &self.days { td { (cell(day.parts[at])) } }
                    td { (format_duration(series.total)) }
                } } }
                tfoot { tr {
                    th scope="row" { "Total" }
                    @for day in &self.days { td { (cell(day.total)) } }
                    td { (format_duration(total)) }
                } }
            }
        }
    }
}

impl Day {
    fn new(date: Date, series: &[Series], sum: &Sum) -> Self {
        let key = Key::new(Some(date.to_string()), None);
        let Some(day) = sum.groups.get(&key) else {
            return Self {
                date,
                parts: vec![0; series.len()],
                total: 0,
            };
        };
        let places = series.iter().enumerate();
        let places: HashMap<&str, usize> = places
            .filter_map(|(at, series)| Some((series.project.as_deref()?, at)))
            .collect();
        let mut parts = vec![0; series.len()];
        for (key, within) in &day.groups {
            let own = places.get(key.name.as_deref().unwrap_or_default());
            let place = own.copied().unwrap_or(series.len() - 1);
            parts[place] += within.microseconds;
        }
        Self {
            date,
            parts,
            total: day.microseconds,
        }
    }
}

/// The distance of a time from the upper edge.
fn level(axis: Axis, microseconds: i128) -> f64 {
    ABOVE + HEIGHT * (1.0 - axis.part(microseconds))
}

fn percent(of_width: f64) -> String {
    svg_length(of_width) + "%"
}

/// A time, or a dash for none.
fn cell(microseconds: i128) -> String {
    match microseconds {
        0 => "–".to_owned(),
        _ => format_duration(microseconds),
    }
}

#[cfg(test)]
mod tests;
