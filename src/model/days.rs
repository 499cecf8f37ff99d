//! Calendar days: which instants they are in a time zone, and how work is shared out among them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::InvalidDayRange;

/// A minute in microseconds.
const MINUTE: i64 = 60_000_000;

/// Consecutive days in a time zone, open where no bound is given.
#[derive(Clone, Debug)]
pub struct Days {
    zone: TimeZone,
    /// When the first day begins.
    pub since: Option<Timestamp>,
    /// When the day after the last one begins.
    pub until: Option<Timestamp>,
}

impl Days {
    /// The days from one to another, both included.
    ///
    /// # Errors
    /// When `to` lies before `from`.
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

/// When a day begins. Where clocks are put forward over midnight that is the moment of doing so, and where midnight comes
/// twice, the first. A day that begins after the last instant there is begins with it.
pub(super) fn first_instant(day: Date, zone: &TimeZone) -> Timestamp {
    let midnight = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0));
    let (offset, instant) = (midnight.offset(), midnight.compatible());
    let instant = instant.unwrap_or(Timestamp::MAX);
    let AmbiguousOffset::Gap { .. } = offset else {
        return instant;
    };
    // Midnight by the clock that was not put forward yet: the last change until then is the one that left it out.
    let just_after = instant.saturating_add(SignedDuration::from_nanos(1));
    just_after
        .ok()
        .and_then(|after| zone.preceding(after).next())
        .map_or(instant, |change| change.timestamp())
}

/// How long was worked on each of the newest days with work.
#[derive(Debug)]
pub struct DaySums {
    zone: TimeZone,
    most: usize,
    /// Microseconds by day.
    sums: BTreeMap<Date, i64>,
    /// Days in `sums` of at least a minute.
    worked: usize,
    /// What lies before is not counted; moves forward with every day that is too many.
    since: i64,
    until: i64,
}

impl DaySums {
    /// For the newest `most` of these days with at least a minute of work.
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

    /// Counts a span of work, split at midnight. It is followed from its end back, so that one of a thousand years costs
    /// no more than the days that are kept.
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

    /// The days with at least a minute of work and their full minutes, newest first.
    pub fn into_minutes(self) -> impl Iterator<Item = (Date, i64)> {
        let minutes = self.sums.into_iter().map(|(day, sum)| (day, sum / MINUTE));
        minutes.rev().filter(|(_, minutes)| *minutes > 0)
    }

    /// The day of an instant, and when it began.
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

    /// Forgets the oldest day with work and all before it. It cannot come back among the newest: days only gain work.
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

/// The level that a calendar shows for a day's minutes of work: 1 up to an hour, 2 up to four, 3 up to six, 4 above.
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
