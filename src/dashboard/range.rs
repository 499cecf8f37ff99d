//! The days that a page is about: a week, a month, a year, or from one day to another.

mod links;

use jiff::civil::{Date, ISOWeekDate, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

pub(super) use links::{links, periods_form};

use super::parameters::{InvalidParameter, Parameters};
use crate::http::HttpError;
use crate::model::{Period, TooManyPeriods, Unit, periods, written_day};

/// Years there may be frames in, and that have a week before and after.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=9998;

/// Consecutive days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// What of the calendar it is, if it is one.
    pub(super) unit: Option<Unit>,
    /// The first day.
    pub(super) from: Date,
    /// The last day.
    pub(super) to: Date,
}

impl Range {
    /// The unit that a day lies in.
    pub(super) fn of(unit: Unit, day: Date) -> Self {
        Self {
            unit: Some(unit),
            from: unit.first_day(day),
            to: unit.last_day(day),
        }
    }

    /// Takes `week=2026-W48`; without it, the week of today.
    ///
    /// # Errors
    /// When that is no week.
    pub(super) fn week(parameters: &mut Parameters, today: Date) -> Result<Self, InvalidParameter> {
        let Some(text) = parameters.one("week")? else {
            return Ok(Self::of(Unit::Week, today));
        };
        written_week(&text)
            .map(|monday| Self::of(Unit::Week, monday))
            .ok_or_else(|| {
                InvalidParameter("A week is written like 2026-W48, from 1900 on.".to_owned())
            })
    }

    /// Takes `year=2026`; without it, the year of today.
    ///
    /// # Errors
    /// When that is no year.
    pub(super) fn year(parameters: &mut Parameters, today: Date) -> Result<Self, InvalidParameter> {
        let Some(text) = parameters.one("year")? else {
            return Ok(Self::of(Unit::Year, today));
        };
        let is_right = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let year = text.parse().ok().filter(|year| YEARS.contains(year));
        match year.filter(|_| is_right) {
            Some(year) => Ok(Self::of(Unit::Year, date(year, 1, 1))),
            None => Err(InvalidParameter(
                "A year is written like 2026, from 1900 on.".to_owned(),
            )),
        }
    }

    /// Takes `range=month` with `date`, or `from` and `to`; without any, the week of today.
    ///
    /// # Errors
    /// When one of them makes no sense, or they make none together.
    pub(super) fn parse(
        parameters: &mut Parameters,
        today: Date,
    ) -> Result<Self, InvalidParameter> {
        let unit = match parameters.one("range")?.as_deref() {
            None => None,
            Some("week") => Some(Unit::Week),
            Some("month") => Some(Unit::Month),
            Some("year") => Some(Unit::Year),
            Some(_) => return Err(refused("A range is week, month or year.")),
        };
        let day = day(parameters, "date")?;
        let (from, to) = (self::day(parameters, "from")?, self::day(parameters, "to")?);
        match (unit, day, from, to) {
            (None, None, None, None) => Ok(Self::of(Unit::Week, today)),
            (Some(unit), day, None, None) => Ok(Self::of(unit, day.unwrap_or(today))),
            (None, None, Some(from), to) => Self::days(from, to.unwrap_or(today.max(from))),
            (None, None, None, Some(_)) => Err(refused("The first day is missing.")),
            (None, Some(_), ..) => Err(refused("A date is a day of a range: week, month or year.")),
            (Some(_), ..) => Err(refused("It is either a range or a first and a last day.")),
        }
    }

    fn days(from: Date, to: Date) -> Result<Self, InvalidParameter> {
        if from > to {
            return Err(refused("The first day is later than the last day."));
        }
        Ok(Self {
            unit: None,
            from,
            to,
        })
    }

    /// The one before: the unit before, or as many days before. None where pages take no such days.
    pub(super) fn before(self) -> Option<Self> {
        match self.unit {
            Some(unit) => {
                let day = self.from.checked_sub(Span::new().days(1)).ok()?;
                Self::of(unit, day).if_taken()
            }
            None => self.moved(-self.length()),
        }
    }

    /// The one after, likewise.
    pub(super) fn after(self) -> Option<Self> {
        match self.unit {
            Some(unit) => {
                let day = self.to.checked_add(Span::new().days(1)).ok()?;
                Self::of(unit, day).if_taken()
            }
            None => self.moved(self.length()),
        }
    }

    fn moved(self, days: i32) -> Option<Self> {
        let span = Span::new().days(days);
        let moved = Self {
            unit: None,
            from: self.from.checked_add(span).ok()?,
            to: self.to.checked_add(span).ok()?,
        };
        moved.if_taken()
    }

    /// Itself, if its address is one that pages take: a week belongs to the year of its Thursday.
    fn if_taken(self) -> Option<Self> {
        let is_taken = match self.unit {
            Some(Unit::Week) => {
                YEARS.contains(&self.from.year())
                    && YEARS.contains(&self.from.iso_week_date().year())
            }
            _ => YEARS.contains(&self.from.year()) && YEARS.contains(&self.to.year()),
        };
        is_taken.then_some(self)
    }

    /// How many days it is.
    fn length(self) -> i32 {
        self.from.until(self.to).map_or(0, |span| span.get_days()) + 1
    }

    /// Its days.
    pub(super) fn dates(self) -> Vec<Date> {
        let days = self.from.series(Span::new().days(1));
        days.take_while(|day| *day <= self.to).collect()
    }

    /// Its periods in a zone, cut where a unit of one of these kinds begins.
    ///
    /// # Errors
    /// When they are too many.
    pub(super) fn periods(
        self,
        zone: &TimeZone,
        units: &[Unit],
    ) -> Result<Vec<Period>, TooManyPeriods> {
        periods(zone, self.from, self.to, units)
    }

    /// What it is called: `Week 48, 23 – 29 November 2026`.
    pub(super) fn name(self) -> String {
        let (from, to) = (self.from, self.to);
        let days = if from == to {
            to.strftime("%-d %B %Y").to_string()
        } else if (from.year(), from.month()) == (to.year(), to.month()) {
            format!("{} – {}", from.day(), to.strftime("%-d %B %Y"))
        } else if from.year() == to.year() {
            format!("{} – {}", from.strftime("%-d %B"), to.strftime("%-d %B %Y"))
        } else {
            format!(
                "{} – {}",
                from.strftime("%-d %B %Y"),
                to.strftime("%-d %B %Y")
            )
        };
        match self.unit {
            Some(Unit::Week) => format!("Week {}, {days}", from.iso_week_date().week()),
            Some(Unit::Month) => from.strftime("%B %Y").to_string(),
            Some(Unit::Year) => from.year().to_string(),
            Some(Unit::Day) | None => days,
        }
    }
}

impl From<TooManyPeriods> for HttpError {
    fn from(error: TooManyPeriods) -> Self {
        Self::BadRequest(error.to_string())
    }
}

/// The day that it is in a zone.
pub(super) fn today(zone: &TimeZone) -> Date {
    zone.to_datetime(Timestamp::now()).date()
}

/// Takes a day of a name.
///
/// # Errors
/// When it is written otherwise than `2026-01-31`.
pub(super) fn day(
    parameters: &mut Parameters,
    name: &str,
) -> Result<Option<Date>, InvalidParameter> {
    let Some(text) = parameters.one(name)? else {
        return Ok(None);
    };
    let day = written_day(&text).filter(|day| YEARS.contains(&day.year()));
    day.map(Some)
        .ok_or_else(|| refused("A day is written like 2026-01-31, from 1900 on."))
}

/// The Monday of a week like `2026-W48`.
fn written_week(text: &str) -> Option<Date> {
    let (year, week) = text.split_once("-W")?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (year.len(), week.len()) != (4, 2) || !is_digits(year) || !is_digits(week) {
        return None;
    }
    let year = year.parse().ok().filter(|year| YEARS.contains(year))?;
    let monday = ISOWeekDate::new(year, week.parse().ok()?, Weekday::Monday);
    monday.ok().map(Date::from)
}

fn refused(why: &str) -> InvalidParameter {
    InvalidParameter(why.to_owned())
}

#[cfg(test)]
mod tests;
