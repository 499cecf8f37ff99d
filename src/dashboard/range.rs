//! The days that a page shows: a week, a month, a year, or from one day to another.

mod links;

use std::ops::RangeInclusive;

use jiff::Timestamp;
use jiff::civil::{Date, ISOWeekDate, Weekday, date};
use jiff::tz::TimeZone;

pub(super) use links::{links, periods_form, range_query};

use super::parameters::{InvalidParameter, Parameters, invalid};
use crate::model::{DayRange, DayRangeParameters, InvalidDayRange, Unit, parse_day};

/// The years that pages show. Each has a year before and after it.
const YEARS: RangeInclusive<i16> = 1900..=9998;

/// Takes `week=2026-W48`; the default is the current week.
pub(super) fn take_week(
    parameters: &mut Parameters,
    today: Date,
) -> Result<DayRange, InvalidParameter> {
    let day = match parameters.take_one("week")? {
        Some(text) => parse_week(&text)
            .ok_or_else(|| refused("Choose a week like 2026-W48, from 1900 on."))?,
        None => today,
    };
    Ok(DayRange::of(Unit::Week, day))
}

/// Takes `year=2026`; the default is the current year.
pub(super) fn take_year(
    parameters: &mut Parameters,
    today: Date,
) -> Result<DayRange, InvalidParameter> {
    let day = match parameters.take_one("year")? {
        Some(text) => {
            parse_year(&text).ok_or_else(|| refused("Choose a year like 2026, from 1900 on."))?
        }
        None => today,
    };
    Ok(DayRange::of(Unit::Year, day))
}

/// Takes `range=month` with `date`, or `from` and `to`; the default is the current week.
pub(super) fn take_range(
    parameters: &mut Parameters,
    today: Date,
) -> Result<DayRange, InvalidParameter> {
    let unit = parameters.take_one("range")?.map(|text| {
        let unit = Unit::ALL.into_iter().find(|unit| unit.as_str() == text);
        unit.filter(|unit| *unit != Unit::Day)
            .ok_or_else(|| refused("Choose week, month or year as the range."))
    });
    let selected = DayRangeParameters {
        unit: unit.transpose()?,
        date: take_day(parameters, "date")?,
        from: take_day(parameters, "from")?,
        to: take_day(parameters, "to")?,
    };
    let range = selected.resolve(today, |from, to| match (from, to) {
        (Some(from), to) => DayRange::between(from, to.unwrap_or(today.max(from))),
        (None, None) => Ok(DayRange::of(Unit::Week, today)),
        (None, Some(_)) => Err(InvalidDayRange::NoFirstDay),
    });
    range.map_err(invalid)
}

/// Takes a day like `2026-01-31`.
pub(super) fn take_day(
    parameters: &mut Parameters,
    name: &str,
) -> Result<Option<Date>, InvalidParameter> {
    let Some(text) = parameters.take_one(name)? else {
        return Ok(None);
    };
    let day = parse_day(&text).map_err(|error| refused(format!("“{name}” {error}.")))?;
    if !YEARS.contains(&day.year()) {
        return Err(refused(format!("“{name}” must be a day from 1900 on.")));
    }
    Ok(Some(day))
}

/// The first day of a year like `2026`.
fn parse_year(text: &str) -> Option<Date> {
    let has_four_digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let year = text.parse().ok().filter(|year| YEARS.contains(year));
    year.filter(|_| has_four_digits)
        .map(|year| date(year, 1, 1))
}

/// The Monday of a week like `2026-W48`.
fn parse_week(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W")?;
    let is_digits = week.bytes().all(|byte| byte.is_ascii_digit());
    if week.len() != 2 || !is_digits {
        return None;
    }
    let year = parse_year(year)?.year();
    let monday = ISOWeekDate::new(year, week.parse().ok()?, Weekday::Monday);
    monday.ok().map(Date::from)
}

/// The previous range, if pages show it.
fn previous(range: DayRange) -> Option<DayRange> {
    range.previous().filter(is_shown)
}

/// The next range, if pages show it.
fn next(range: DayRange) -> Option<DayRange> {
    range.next().filter(is_shown)
}

/// Whether pages show a range. A week belongs to the year of its Thursday.
fn is_shown(range: &DayRange) -> bool {
    let last_year = match range.unit {
        Some(Unit::Week) => range.from.iso_week_date().year(),
        _ => range.to.year(),
    };
    YEARS.contains(&range.from.year()) && YEARS.contains(&last_year)
}

/// The title of a range: `Week 48, 23 – 29 November 2026`.
pub(super) fn range_title(range: DayRange) -> String {
    let (from, to) = (range.from, range.to);
    let first = if from == to {
        None
    } else if (from.year(), from.month()) == (to.year(), to.month()) {
        Some("%-d")
    } else if from.year() == to.year() {
        Some("%-d %B")
    } else {
        Some("%-d %B %Y")
    };
    let last = to.strftime("%-d %B %Y");
    let days = match first {
        Some(format) => format!("{} – {last}", from.strftime(format)),
        None => last.to_string(),
    };
    match range.unit {
        Some(Unit::Week) => format!("Week {}, {days}", from.iso_week_date().week()),
        Some(Unit::Month) => from.strftime("%B %Y").to_string(),
        Some(Unit::Year) => from.year().to_string(),
        Some(Unit::Day) | None => days,
    }
}

/// The current day in a zone.
pub(super) fn today(zone: &TimeZone) -> Date {
    Timestamp::now().to_zoned(zone.clone()).date()
}

fn refused(why: impl Into<String>) -> InvalidParameter {
    InvalidParameter(why.into())
}

#[cfg(test)]
mod tests;
