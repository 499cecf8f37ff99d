//! Periods have no gaps and match their names.

use jiff::civil::date;
use jiff::{SignedDuration, Zoned};
use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone of the bundled database")
}

#[test]
fn units_are_named_as_people_and_iso_8601_do() {
    let day = date(2027, 1, 3);
    let names = Unit::ALL.map(|unit| unit.period_name(day));
    assert_eq!(names, ["2027-01-03", "2026-W53", "2027-01", "2027"]);
}

#[test]
fn a_range_without_units_is_one_period() {
    let paris = zone("Europe/Paris");
    let periods = periods(&paris, date(2026, 3, 29), date(2026, 3, 29), &[]).expect("one");
    let lengths: Vec<_> = periods
        .iter()
        .map(|period| period.until.duration_since(period.since).as_hours())
        .collect();
    assert_eq!(lengths, [23]);
}

#[test]
fn a_range_is_cut_wherever_one_of_the_units_begins() {
    let days = |units: &[Unit]| {
        let periods = periods(&TimeZone::UTC, date(2026, 3, 26), date(2026, 4, 7), units);
        let days = periods.expect("few").into_iter();
        days.map(|period| period.first_day.to_string()[5..].to_owned())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(days(&[Unit::Week]), "03-26 03-30 04-06");
    assert_eq!(days(&[Unit::Month]), "03-26 04-01");
    assert_eq!(days(&[Unit::Month, Unit::Week]), "03-26 03-30 04-01 04-06");
}

#[test]
fn too_many_periods_are_refused_without_counting_them_all() {
    let all = |unit| periods(&TimeZone::UTC, date(0, 1, 1), date(9999, 12, 31), &[unit]);
    for unit in Unit::ALL {
        assert_eq!(all(unit), Err(TooManyPeriods), "{unit:?}");
    }
}

/// Every zone and every change of its offset since 1970.
#[test]
fn around_every_change_of_clocks_days_follow_each_other_and_hold_their_own_instants() {
    let end: Timestamp = "2031-01-01T00:00:00Z".parse().expect("an instant");
    let mut changes = 0;
    for name in jiff::tz::db().available() {
        let zone = zone(name.as_str());
        let following = zone.following(Timestamp::UNIX_EPOCH);
        for change in following.take_while(|change| change.timestamp() < end) {
            let day = zone.to_datetime(change.timestamp()).date();
            let (from, to) = (day - Span::new().days(2), day + Span::new().days(2));
            assert_cut(&zone, from, to, &[Unit::Day]);
            changes += 1;
        }
    }
    assert!(changes > 10_000, "{changes}");
}

fn assert_cut(zone: &TimeZone, from: Date, to: Date, units: &[Unit]) {
    let cut = periods(zone, from, to, units).expect("few");
    let whole = periods(zone, from, to, &[]).expect("one");
    let context = format!("{zone:?} {from} {to}");
    assert_eq!(
        cut.first().map(|period| period.since),
        Some(whole[0].since),
        "{context}"
    );
    assert_eq!(
        cut.last().map(|period| period.until),
        Some(whole[0].until),
        "{context}"
    );
    for pair in cut.windows(2) {
        assert_eq!(pair[0].until, pair[1].since, "{context}");
    }
    for period in &cut {
        let last = period.until - SignedDuration::from_nanos(1);
        let day = |instant: Timestamp| Zoned::new(instant, zone.clone()).date();
        for unit in units {
            assert_eq!(
                unit.period_name(day(period.since)),
                unit.period_name(period.first_day),
                "{context}"
            );
            assert_eq!(
                unit.period_name(day(last)),
                unit.period_name(period.first_day),
                "{context}"
            );
        }
    }
}

proptest! {
    #[test]
    fn any_range_is_cut_without_a_gap(
        start in 0_i32..22_000,
        length in 0_i32..300,
        zone_at in any::<prop::sample::Index>(),
        units in prop::sample::subsequence(Unit::ALL.to_vec(), 1..=4),
    ) {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let from = date(1970, 1, 1) + Span::new().days(start);
        let to = from + Span::new().days(length);
        assert_cut(&zone(&names[zone_at.index(names.len())]), from, to, &units);
    }
}
