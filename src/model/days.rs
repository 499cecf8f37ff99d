//! Calendar days: their instants in a time zone, and how work is split among them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::InvalidDayRange;
use super::midnight::first_instant;

/// A minute in microseconds.
const MINUTE: i64 = 60_000_000;

/// Consecutive days in a time zone, each bound optional.
#[derive(Clone, Debug)]
pub struct Days {
    zone: TimeZone,
    /// The start of the first day.
    pub since: Option<Timestamp>,
    /// The start of the day after the last.
    pub until: Option<Timestamp>,
}

impl Days {
    /// The days from one to another, both included.
    ///
    /// # Errors
    /// When `from` is after `to`.
    pub fn new(
        zone: TimeZone,
        from: Option<Date>,
        to: Option<Date>,
    ) -> Result<Self, InvalidDayRange> {
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(InvalidDayRange::Reversed);
        }
        let end = |to: Date| {
            to.tomorrow()
                .map_or(Timestamp::MAX, |day| first_instant(day, &zone))
        };
        Ok(Self {
            since: from.map(|from| first_instant(from, &zone)),
            until: to.map(end),
            zone,
        })
    }
}

/// The time worked on each of the newest days with work.
#[derive(Debug)]
pub struct DaySums {
    zone: TimeZone,
    most: usize,
    /// Microseconds by day.
    sums: BTreeMap<Date, i64>,
    /// The days in `sums` with at least a minute.
    worked: usize,
    /// Earlier time is not counted. Advances with every day beyond `most`.
    since: i64,
    until: i64,
}

impl DaySums {
    /// Keeps the newest `most` of these days with at least a minute of work.
    #[must_use]
    pub fn new(days: Days, most: usize) -> Self {
        let microseconds = |instant: Option<Timestamp>| instant.map(Timestamp::as_microsecond);
        Self {
            most,
            sums: BTreeMap::new(),
            worked: 0,
            since: microseconds(days.since).unwrap_or(i64::MIN),
            until: microseconds(days.until).unwrap_or(i64::MAX),
            zone: days.zone,
        }
    }

    /// Adds a span of work, split at midnight. It is processed from its end backwards, so that a
    /// span of a thousand years costs no more than the days that are kept.
    pub fn add(&mut self, start_at: Timestamp, end_at: Timestamp) {
        let start = start_at.as_microsecond();
        let mut end = end_at.as_microsecond().min(self.until);
        while end > start.max(self.since) {
            let (day, midnight) = self.day_of(end - 1);
            let begin = midnight.max(start).max(self.since);
            self.add_to(day, end - begin);
            end = begin;
        }
    }

    /// Returns the days with at least a minute of work and their full minutes, newest first.
    pub fn into_minutes(self) -> impl Iterator<Item = (Date, i64)> {
        let minutes = self.sums.into_iter().map(|(day, sum)| (day, sum / MINUTE));
        minutes.rev().filter(|(_, minutes)| *minutes > 0)
    }

    /// The day of an instant, and the start of that day.
    fn day_of(&self, microsecond: i64) -> (Date, i64) {
        let instant = Timestamp::from_microsecond(microsecond).unwrap_or(Timestamp::MAX);
        let day = self.zone.to_datetime(instant).date();
        let begin = first_instant(day, &self.zone).as_microsecond();
        (day, begin.min(microsecond))
    }

    fn add_to(&mut self, day: Date, microseconds: i64) {
        let sum = self.sums.entry(day).or_default();
        let was_worked = *sum >= MINUTE;
        *sum += microseconds;
        if was_worked || *sum < MINUTE {
            return;
        }
        self.worked += 1;
        if self.worked > self.most {
            self.drop_oldest();
        }
    }

    /// Drops the oldest day with work and all before it. It cannot become one of the newest again,
    /// because days only gain work.
    fn drop_oldest(&mut self) {
        while let Some((day, sum)) = self.sums.pop_first() {
            if sum >= MINUTE {
                self.worked -= 1;
                let next = day.tomorrow();
                let next = next.map_or(Timestamp::MAX, |day| first_instant(day, &self.zone));
                self.since = self.since.max(next.as_microsecond());
                return;
            }
        }
    }
}

/// The level of a day's minutes of work in a calendar: 1 up to an hour, 2 up to four, 3 up to six,
/// 4 above.
#[must_use]
pub fn workload(minutes: i64) -> u8 {
    match minutes {
        ..=60 => 1,
        61..=240 => 2,
        241..=360 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests;
