//! A range of calendar days, and the parameters by which the API and the dashboard select one.

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Period, TooManyPeriods, Unit, periods};

/// Consecutive days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRange {
    /// The calendar unit that the range is, if it was selected as one.
    pub unit: Option<Unit>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Why parameters do not select a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDayRange {
    /// The last day precedes the first.
    #[error("the first day is after the last day")]
    Reversed,
    /// Both a unit and days.
    #[error("range cannot be combined with from or to")]
    UnitAndDays,
    /// A day without the unit that it is in.
    #[error("date requires range")]
    DateWithoutUnit,
    /// A last day only.
    #[error("the first day is missing")]
    NoFirstDay,
}

impl DayRange {
    /// The unit that contains a day.
    #[must_use]
    pub fn of(unit: Unit, day: Date) -> Self {
        Self {
            unit: Some(unit),
            from: unit.first_day(day),
            to: unit.last_day(day),
        }
    }

    /// The days from one to another.
    ///
    /// # Errors
    /// When `from` is after `to`.
    pub fn between(from: Date, to: Date) -> Result<Self, InvalidDayRange> {
        if from > to {
            return Err(InvalidDayRange::Reversed);
        }
        Ok(Self {
            unit: None,
            from,
            to,
        })
    }

    /// The preceding unit, or as many days as this range has; `None` before the calendar's first
    /// day.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        match self.unit {
            Some(unit) => Some(Self::of(unit, self.from.yesterday().ok()?)),
            None => self.shifted(-self.length()),
        }
    }

    /// The following unit, or as many days as this range has; `None` after the calendar's last day.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self.unit {
            Some(unit) => Some(Self::of(unit, self.to.tomorrow().ok()?)),
            None => self.shifted(self.length()),
        }
    }

    fn shifted(self, days: i32) -> Option<Self> {
        let span = Span::new().days(days);
        Some(Self {
            unit: None,
            from: self.from.checked_add(span).ok()?,
            to: self.to.checked_add(span).ok()?,
        })
    }

    fn length(self) -> i32 {
        self.from.until(self.to).map_or(0, |span| span.get_days()) + 1
    }

    /// Each day of the range.
    #[must_use]
    pub fn dates(self) -> Vec<Date> {
        let days = self.from.series(Span::new().days(1));
        days.take_while(|day| *day <= self.to).collect()
    }

    /// The periods of the range in a time zone, cut where one of these units begins.
    ///
    /// # Errors
    /// When there are too many.
    pub fn periods(self, zone: &TimeZone, units: &[Unit]) -> Result<Vec<Period>, TooManyPeriods> {
        periods(zone, self.from, self.to, units)
    }
}

/// The parameters that select a range: a unit and a day in it, or a first and a last day.
#[derive(Clone, Copy, Debug)]
pub struct DayRangeParameters {
    /// `range`.
    pub unit: Option<Unit>,
    /// `date`.
    pub date: Option<Date>,
    /// `from`.
    pub from: Option<Date>,
    /// `to`.
    pub to: Option<Date>,
}

impl DayRangeParameters {
    /// Returns the selected range. Without a unit, `complete` supplies the missing days.
    ///
    /// # Errors
    /// When the parameters contradict each other.
    pub fn resolve(
        self,
        today: Date,
        complete: impl FnOnce(Option<Date>, Option<Date>) -> Result<DayRange, InvalidDayRange>,
    ) -> Result<DayRange, InvalidDayRange> {
        let has_days = self.from.or(self.to).is_some();
        match (self.unit, self.date) {
            (Some(_), _) if has_days => Err(InvalidDayRange::UnitAndDays),
            (Some(unit), date) => Ok(DayRange::of(unit, date.unwrap_or(today))),
            (None, Some(_)) => Err(InvalidDayRange::DateWithoutUnit),
            (None, None) => complete(self.from, self.to),
        }
    }
}
