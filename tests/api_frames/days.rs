//! The list of frames by day: frames that overlap the range, in the requested zone.

use super::starts_of;
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    a_frame_over_midnight_belongs_to_both_days,
    a_frame_that_touches_a_range_does_not_overlap_it,
    a_frame_without_length_belongs_to_its_day,
    days_are_those_of_the_zone,
    days_of_23_and_25_hours_are_whole,
    a_range_may_be_open_or_reach_the_latest_day,
];

/// Alice with frames, each from one instant to another.
fn alice(crick: &Crick, frames: &[(&str, &str)]) -> Api {
    let alice = crick.person("alice");
    let frames = frames
        .iter()
        .map(|(start, end)| frame_of(start, end, "apollo", &[]));
    alice.push(&frames.collect::<Vec<_>>());
    alice
}

/// How many frames a range of days in a zone has.
#[track_caller]
fn count(alice: &Api, range: &str) -> usize {
    starts_of(alice, range).len()
}

fn a_frame_over_midnight_belongs_to_both_days(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, &[("2026-03-01T22:00:00Z", "2026-03-03T04:00:00Z")]);
    for (day, expected) in [
        ("2026-02-28", 0),
        ("2026-03-01", 1),
        ("2026-03-02", 1),
        ("2026-03-03", 1),
        ("2026-03-04", 0),
    ] {
        assert_eq!(
            count(&alice, &format!("from={day}&to={day}")),
            expected,
            "{day}"
        );
    }
}

fn a_frame_that_touches_a_range_does_not_overlap_it(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, &[("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")]);
    assert_eq!(count(&alice, "to=2026-03-01"), 0);
    assert_eq!(count(&alice, "from=2026-03-02&to=2026-03-02"), 1);
    assert_eq!(count(&alice, "from=2026-03-03"), 0);
}

fn a_frame_without_length_belongs_to_its_day(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, &[("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z")]);
    assert_eq!(count(&alice, "to=2026-03-01"), 0);
    assert_eq!(count(&alice, "from=2026-03-02&to=2026-03-02"), 1);
    assert_eq!(count(&alice, "from=2026-03-03"), 0);
}

fn days_are_those_of_the_zone(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, &[("2026-03-01T15:30:00Z", "2026-03-01T16:00:00Z")]);
    for (zone, day) in [
        ("UTC", "2026-03-01"),
        ("Europe/Paris", "2026-03-01"),
        ("Asia/Tokyo", "2026-03-02"),
        ("asia/tokyo", "2026-03-02"),
        ("Pacific/Kiritimati", "2026-03-02"),
        ("Etc/GMT%2B12", "2026-03-01"),
    ] {
        for (range, expected) in [
            ("from=2026-03-02", day == "2026-03-02"),
            ("to=2026-03-01", day == "2026-03-01"),
        ] {
            let query = format!("{range}&tz={zone}");
            assert_eq!(count(&alice, &query), usize::from(expected), "{query}");
        }
    }
}

fn days_of_23_and_25_hours_are_whole(engine: Engine) {
    let crick = Crick::start(engine);
    // In Paris 29 March 2026 lasts from 23:00 to 22:00 UTC, 25 October from 22:00 to 23:00.
    let alice = alice(
        &crick,
        &[
            ("2026-03-28T22:59:59Z", "2026-03-28T22:59:59Z"),
            ("2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z"),
            ("2026-03-29T21:59:59Z", "2026-03-29T21:59:59Z"),
            ("2026-03-29T22:00:00Z", "2026-03-29T22:00:00Z"),
            ("2026-10-24T21:59:59Z", "2026-10-24T21:59:59Z"),
            ("2026-10-24T22:00:00Z", "2026-10-24T22:00:00Z"),
            ("2026-10-25T22:59:59Z", "2026-10-25T22:59:59Z"),
            ("2026-10-25T23:00:00Z", "2026-10-25T23:00:00Z"),
        ],
    );
    for (day, expected) in [
        (
            "2026-03-29",
            ["2026-03-29T21:59:59Z", "2026-03-28T23:00:00Z"],
        ),
        (
            "2026-10-25",
            ["2026-10-25T22:59:59Z", "2026-10-24T22:00:00Z"],
        ),
    ] {
        let query = format!("from={day}&to={day}&tz=Europe/Paris");
        assert_eq!(starts_of(&alice, &query), expected, "{day}");
    }
}

fn a_range_may_be_open_or_reach_the_latest_day(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(
        &crick,
        &[
            ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
            ("2026-03-01T15:30:00Z", "9999-12-30T00:00:00Z"),
        ],
    );
    assert_eq!(count(&alice, "tz=Asia/Tokyo"), 2);
    assert_eq!(
        count(&alice, "from=0000-01-01&to=9999-12-31&tz=America/New_York"),
        2
    );
    assert_eq!(count(&alice, "from=9999-12-29"), 1);
    assert_eq!(count(&alice, "from=9999-12-31"), 0);
    assert_eq!(count(&alice, "to=0000-01-01"), 0);
}
