//! Days of 23, 24 and 25 hours, skipped days, and no gap between days.

use jiff::SignedDuration;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone of the bundled database")
}

fn all(name: &str) -> Days {
    Days::new(zone(name), None, None).expect("no bounds")
}

fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

#[test]
fn a_day_begins_at_its_first_instant_also_where_there_is_no_midnight_or_two() {
    for (name, day, begin) in [
        ("UTC", date(2026, 3, 1), "2026-03-01T00:00:00Z"),
        ("Europe/Paris", date(2026, 3, 29), "2026-03-28T23:00:00Z"),
        ("Europe/Paris", date(2026, 3, 30), "2026-03-29T22:00:00Z"),
        // From 00:00 to 01:00.
        (
            "America/Sao_Paulo",
            date(2018, 11, 4),
            "2018-11-04T03:00:00Z",
        ),
        // From 23:30 to 00:30.
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00Z"),
        // From 01:00 back to 00:00.
        ("America/Havana", date(2025, 11, 2), "2025-11-02T04:00:00Z"),
        // The whole day is skipped, and with it the start of the next.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00Z"),
        ("UTC", date(9999, 12, 31), "9999-12-30T22:00:00.999999999Z"),
    ] {
        assert_eq!(
            first_instant(day, &zone(name)),
            instant(begin),
            "{name} {day}"
        );
    }
}

#[test]
fn a_night_is_split_at_midnight_and_a_day_of_25_hours_holds_25() {
    let mut sums = DaySums::new(all("Europe/Paris"), 400);
    sums.add(
        instant("2026-10-24T20:00:00Z"),
        instant("2026-10-25T23:30:00Z"),
    );
    let minutes: Vec<_> = sums.into_minutes().collect();
    assert_eq!(
        minutes,
        [
            (date(2026, 10, 26), 30),
            (date(2026, 10, 25), 25 * 60),
            (date(2026, 10, 24), 120)
        ]
    );
}

#[test]
fn only_the_newest_days_with_a_minute_of_work_are_kept_whatever_the_order() {
    let mut sums = DaySums::new(all("UTC"), 2);
    for (start, end) in [
        ("2026-03-02T10:00:00Z", "2026-03-02T10:10:00Z"),
        ("2026-03-09T10:00:00Z", "2026-03-09T10:00:30Z"),
        ("2026-03-05T10:00:00Z", "2026-03-05T10:20:00Z"),
        ("2026-03-07T10:00:00Z", "2026-03-07T10:30:00Z"),
        ("2026-03-02T12:00:00Z", "2026-03-05T00:05:00Z"),
    ] {
        sums.add(instant(start), instant(end));
    }
    let minutes: Vec<_> = sums.into_minutes().collect();
    assert_eq!(minutes, [(date(2026, 3, 7), 30), (date(2026, 3, 5), 25)]);
}

#[test]
fn a_frame_of_eight_thousand_years_costs_only_the_days_that_are_kept() {
    let mut sums = DaySums::new(all("America/New_York"), 400);
    for _ in 0..100 {
        sums.add(
            instant("1900-01-01T00:00:00Z"),
            instant("9999-12-30T00:00:00Z"),
        );
    }
    assert_eq!(sums.into_minutes().count(), 400);
}

proptest! {
    #[test]
    fn the_days_of_all_frames_together_are_as_long_as_the_frames(
        frames in prop::collection::vec((-2_000_000_000_i64..4_000_000_000, 0_i64..1_000_000), 0..20),
        zone_at in any::<prop::sample::Index>(),
    ) {
        let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let mut sums = DaySums::new(all(&zones[zone_at.index(zones.len())]), usize::MAX);
        let mut total = 0;
        for (start, length) in frames {
            let at = |second| Timestamp::from_second(second).expect("an instant");
            sums.add(at(start), at(start + length));
            total += length;
        }
        prop_assert_eq!(sums.sums.values().sum::<i64>(), total * 1_000_000);
    }

    #[test]
    fn a_day_begins_on_that_day_and_the_instant_before_it_is_on_another(
        days in -30_000_i32..60_000,
        zone_at in any::<prop::sample::Index>(),
    ) {
        let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let zone = zone(&zones[zone_at.index(zones.len())]);
        let day = date(1970, 1, 1).saturating_add(jiff::Span::new().days(days));
        let begin = first_instant(day, &zone);
        let before = begin - SignedDuration::from_nanos(1);
        prop_assert!(zone.to_datetime(begin).date() >= day);
        prop_assert!(zone.to_datetime(before).date() < day);
    }
}
