//! Calendar days, weeks, months and years: their names, and their instants in a time zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::midnight::first_instant;

/// The maximum number of periods of a range: three years of days, 23 of weeks, a hundred of months.
pub const MOST_PERIODS: usize = 1_200;

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    /// A month of a year.
    Month,
    /// From January to December.
    Year,
}

impl Unit {
    /// Every unit, the shortest first.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The name of the unit.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    /// The first day of the unit that contains a day.
    #[must_use]
    pub fn first_day(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => {
                let after_monday = i64::from(day.weekday().to_monday_zero_offset());
                day.saturating_sub(Span::new().days(after_monday))
            }
            Self::Month => day.first_of_month(),
            Self::Year => day.first_of_year(),
        }
    }

    /// The last day of the unit that contains a day.
    #[must_use]
    pub fn last_day(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => self.first_day(day).saturating_add(Span::new().days(6)),
            Self::Month => day.last_of_month(),
            Self::Year => day.last_of_year(),
        }
    }

    /// The name of the unit that contains a day: `2026-03-29`, `2026-W13`, `2026-03` or `2026`. The
    /// names of one unit sort chronologically.
    #[must_use]
    pub fn period_name(self, day: Date) -> String {
        match self {
            Self::Day => day.to_string(),
            Self::Week => {
                let week = day.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{:04}-{:02}", day.year(), day.month()),
            Self::Year => format!("{:04}", day.year()),
        }
    }
}

/// A part of a range of days that is within one unit of each requested kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Its first day.
    pub first_day: Date,
    /// Its start.
    pub since: Timestamp,
    /// Its end, exclusive.
    pub until: Timestamp,
}

/// The range has more than [`MOST_PERIODS`] periods.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the range has more than {MOST_PERIODS} days, weeks, months or years")]
pub struct TooManyPeriods;

/// Splits the days from one to another, both included, wherever one of these units begins in a time
/// zone. The periods have no gaps; a day that the zone skips has no period. Without units, or when
/// `from` is after `to`, there is at most one period.
///
/// # Errors
/// When there are more than [`MOST_PERIODS`].
pub fn periods(
    zone: &TimeZone,
    from: Date,
    to: Date,
    units: &[Unit],
) -> Result<Vec<Period>, TooManyPeriods> {
    let mut periods = Vec::new();
    let (mut first_day, mut since) = (from, first_instant(from, zone));
    loop {
        let last_days = units.iter().map(|unit| unit.last_day(first_day));
        let last_day = last_days.fold(to, Date::min);
        let next = last_day.tomorrow().ok();
        let until = next.map_or(Timestamp::MAX, |day| first_instant(day, zone));
        if since < until {
            periods.push(Period {
                first_day,
                since,
                until,
            });
        }
        if periods.len() > MOST_PERIODS {
            return Err(TooManyPeriods);
        }
        match next.filter(|next| *next <= to) {
            Some(next) => (first_day, since) = (next, until),
            None => return Ok(periods),
        }
    }
}

#[cfg(test)]
mod tests;
