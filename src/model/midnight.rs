//! When a calendar day begins in a time zone.

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The first instant of a day. If clocks skip midnight, it is the moment of the change; if midnight
/// occurs twice, the first one; and at most [`Timestamp::MAX`].
pub(super) fn first_instant(day: Date, zone: &TimeZone) -> Timestamp {
    let midnight = zone.to_ambiguous_timestamp(day.at(0, 0, 0, 0));
    let (offset, instant) = (midnight.offset(), midnight.compatible());
    let instant = instant.unwrap_or(Timestamp::MAX);
    let AmbiguousOffset::Gap { .. } = offset else {
        return instant;
    };
    // The interpretation with the offset before the change: the preceding change skipped midnight.
    let just_after = instant.saturating_add(SignedDuration::from_nanos(1));
    just_after
        .ok()
        .and_then(|after| zone.preceding(after).next())
        .map_or(instant, |change| change.timestamp())
}
