//! Links from one range to others.

use jiff::civil::Date;
use maud::{Markup, html};

use super::{next, previous};
use crate::dashboard::parameters::query;
use crate::model::{DayRange, Unit};

/// Links to the previous, the current and the next range. `address` is the page of a range.
pub(in crate::dashboard) fn links(
    range: DayRange,
    today: Date,
    address: impl Fn(DayRange) -> String,
) -> Markup {
    let unit = range.unit.map_or("days", Unit::as_str);
    let current = range.unit.map(|unit| DayRange::of(unit, today));
    html! {
        nav.range aria-label="Other periods" {
            @if let Some(previous) = previous(range) {
                a rel="prev" href=(address(previous)) { "← Previous " (unit) }
            }
            @if let Some(current) = current.filter(|current| *current != range) {
                a href=(address(current)) { "This " (unit) }
            }
            @if let Some(next) = next(range) {
                a rel="next" href=(address(next)) { "Next " (unit) " →" }
            }
        }
    }
}

/// Selects a week, a month, a year, or any days.
pub(in crate::dashboard) fn periods_form(range: DayRange, path: &str) -> Markup {
    let kinds = [
        ("Week", Unit::Week),
        ("Month", Unit::Month),
        ("Year", Unit::Year),
    ];
    html! {
        div.periods {
            nav.kinds aria-label="Kind of period" {
                @for (name, unit) in kinds {
                    @let address = format!("{path}?{}", range_query(DayRange::of(unit, range.to)));
                    @let is_current = range.unit == Some(unit);
                    a href=(address) aria-current=[is_current.then_some("true")] { (name) }
                }
            }
            form.days method="get" action=(path) {
                label { "From " input type="date" name="from" value=(range.from) required; }
                label { "to " input type="date" name="to" value=(range.to) required; }
                button type="submit" { "Show" }
            }
        }
    }
}

/// The query of the page of a range.
pub(in crate::dashboard) fn range_query(range: DayRange) -> String {
    let (from, to) = (range.from.to_string(), range.to.to_string());
    match range.unit.filter(|unit| *unit != Unit::Day) {
        Some(unit) => query([("range", unit.as_str()), ("date", &from)]),
        None => query([("from", &*from), ("to", &to)]),
    }
}
