//! The way from one range to others.

use jiff::civil::Date;
use maud::{Markup, html};

use super::Range;
use crate::dashboard::parameters::query;
use crate::model::Unit;

/// Links to the range before, to that of today and to the one after. `address` is where a range is shown.
pub(in crate::dashboard) fn links(
    range: Range,
    today: Date,
    address: impl Fn(Range) -> String,
) -> Markup {
    let unit = range.unit.map_or("days", |unit| match unit {
        Unit::Day => "day",
        Unit::Week => "week",
        Unit::Month => "month",
        Unit::Year => "year",
    });
    let current = range.unit.map(|unit| Range::of(unit, today));
    html! {
        nav.range aria-label="Other times" {
            @if let Some(before) = range.before() {
                a rel="prev" href=(address(before)) { "← Previous " (unit) }
            }
            @if let Some(current) = current.filter(|current| *current != range) {
                a href=(address(current)) { "This " (unit) }
            }
            @if let Some(after) = range.after() {
                a rel="next" href=(address(after)) { "Next " (unit) " →" }
            }
        }
    }
}

/// The choice between week, month, year and any days, below an address.
pub(in crate::dashboard) fn periods_form(range: Range, path: &str) -> Markup {
    let kinds = [
        ("Week", Unit::Week),
        ("Month", Unit::Month),
        ("Year", Unit::Year),
    ];
    html! {
        div.periods {
            nav.kinds aria-label="Kinds of ranges" {
                @for (name, unit) in kinds {
                    @let address = format!("{path}?{}", Range::of(unit, range.to).query());
                    a href=(address) aria-current=[(range.unit == Some(unit)).then_some("true")] { (name) }
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

impl Range {
    /// How it stands in an address.
    pub(in crate::dashboard) fn query(self) -> String {
        let (from, to) = (self.from.to_string(), self.to.to_string());
        match self.unit {
            Some(Unit::Week) => query([("range", "week"), ("date", &from)]),
            Some(Unit::Month) => query([("range", "month"), ("date", &from)]),
            Some(Unit::Year) => query([("range", "year"), ("date", &from)]),
            Some(Unit::Day) | None => query([("from", &*from), ("to", &to)]),
        }
    }
}
