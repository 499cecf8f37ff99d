//! The days of a report, and their lengths.

use jiff::civil::Date;
use jiff::{ToSpan as _, Zoned};
use serde_json::json;

use super::{groups, report};
use crate::support::{Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    a_frame_is_cut_at_the_edges_and_split_at_midnight_in_the_zone,
    days_of_23_and_25_hours_are_that_long,
    a_frame_of_years_counts_on_each_of_its_days,
    ranges_are_calendar_units_around_a_day,
    without_a_range_it_is_today_and_the_seven_days_before,
    a_report_covers_a_thousand_days_or_a_hundred_years_of_months,
];

fn a_frame_is_cut_at_the_edges_and_split_at_midnight_in_the_zone(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    // In Tokyo from 22:00 on the 4th to 01:00 on the 7th.
    alice.push(&[frame_of(
        "2026-03-04T13:00:00Z",
        "2026-03-06T16:00:00Z",
        "apollo",
        &[],
    )]);
    let query = |from: &str, to: &str| format!("tz=Asia/Tokyo&group_by=day&from={from}&to={to}");
    assert_eq!(
        groups(&alice, &query("2026-03-01", "2026-03-31")),
        "2026-03-04 7200, 2026-03-05 86400, 2026-03-06 86400, 2026-03-07 3600"
    );
    assert_eq!(
        groups(&alice, &query("2026-03-05", "2026-03-05")),
        "2026-03-05 86400"
    );
    assert_eq!(
        groups(&alice, &query("2026-03-07", "2026-03-08")),
        "2026-03-07 3600"
    );
    assert_eq!(groups(&alice, &query("2026-03-08", "2026-03-09")), "");
    let whole = "tz=Asia/Tokyo&from=2026-03-05&to=2026-03-06";
    assert_eq!(groups(&alice, whole), "apollo 172800");
}

fn days_of_23_and_25_hours_are_that_long(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[frame_of(
        "2011-01-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
        "apollo",
        &[],
    )]);
    for (tz, day, hours) in [
        ("Europe/Paris", "2026-03-29", 23.0),
        ("Europe/Paris", "2026-10-25", 25.0),
        ("America/New_York", "2026-03-08", 23.0),
        // Clocks were put forward at midnight.
        ("America/Sao_Paulo", "2018-11-04", 23.0),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Asia/Tokyo", "2026-03-29", 24.0),
    ] {
        let query = format!("tz={tz}&range=day&date={day}&group_by=day");
        let report = report(&alice, &query);
        assert_eq!(
            report["seconds"],
            json!((hours * 3600.0) as i64),
            "{tz} {day}"
        );
        assert_eq!(report["groups"][0]["key"], day);
    }
    // Samoa went over the date line and left a day out.
    assert_eq!(
        groups(
            &alice,
            "tz=Pacific/Apia&group_by=day&from=2011-12-29&to=2011-12-31"
        ),
        "2011-12-29 86400, 2011-12-31 86400"
    );
}

fn a_frame_of_years_counts_on_each_of_its_days(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[frame_of(
        "2020-06-01T00:00:00Z",
        "2026-02-01T12:00:00Z",
        "apollo",
        &["a", "b"],
    )]);
    assert_eq!(
        groups(&alice, "group_by=year,tag&from=2024-01-01&to=2030-12-31"),
        "2024 31622400 (a 31622400, b 31622400), 2025 31536000 (a 31536000, b 31536000), \
         2026 2721600 (a 2721600, b 2721600)"
    );
    let query = "group_by=day&from=2025-12-31&to=2026-02-03&tz=Europe/Paris";
    let days = report(&alice, query)["groups"].as_array().map(Vec::len);
    assert_eq!(days, Some(33));
}

fn ranges_are_calendar_units_around_a_day(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for (range, date, from, to) in [
        ("day", "2026-03-29", "2026-03-29", "2026-03-29"),
        ("week", "2026-03-29", "2026-03-23", "2026-03-29"),
        ("week", "2026-01-01", "2025-12-29", "2026-01-04"),
        ("month", "2024-02-10", "2024-02-01", "2024-02-29"),
        ("year", "2026-03-29", "2026-01-01", "2026-12-31"),
        ("week", "0000-01-01", "0000-01-01", "0000-01-02"),
        ("year", "9999-12-31", "9999-01-01", "9999-12-31"),
    ] {
        let report = report(&alice, &format!("range={range}&date={date}&group_by=week"));
        assert_eq!(
            (&report["from"], &report["to"]),
            (&json!(from), &json!(to)),
            "{range} {date}"
        );
    }
    let today = |tz: &str| Zoned::now().in_tz(tz).expect("a zone").date();
    for tz in ["Pacific/Kiritimati", "Pacific/Midway"] {
        let before = today(tz);
        let from = report(&alice, &format!("range=day&tz={tz}"))["from"].clone();
        assert!(
            [json!(before), json!(today(tz))].contains(&from),
            "{from} in {tz}"
        );
    }
    // The week of New Year has the year of its Thursday.
    alice.push(&[frame_of(
        "2026-12-31T10:00:00Z",
        "2026-12-31T11:00:00Z",
        "apollo",
        &[],
    )]);
    alice.push(&[frame_of(
        "2027-01-03T23:00:00Z",
        "2027-01-04T01:00:00Z",
        "apollo",
        &[],
    )]);
    assert_eq!(
        groups(&alice, "group_by=week&from=2026-12-01&to=2027-01-31"),
        "2026-W53 7200, 2027-W01 3600"
    );
}

fn without_a_range_it_is_today_and_the_seven_days_before(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let date = |value: &serde_json::Value| -> Date {
        value.as_str().expect("a date").parse().expect("a date")
    };
    let before = Zoned::now().in_tz("UTC").expect("a zone").date();
    let last_days = report(&alice, "");
    assert!(date(&last_days["to"]) >= before);
    assert_eq!(
        date(&last_days["to"]) - date(&last_days["from"]),
        7.days().fieldwise()
    );
    let until = report(&alice, "to=2026-03-08");
    assert_eq!(until["from"], "2026-03-01");
    let since = report(&alice, "from=2026-03-01");
    assert!(date(&since["to"]) >= before);
}

fn a_report_covers_a_thousand_days_or_a_hundred_years_of_months(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[frame_of(
        "1999-01-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
        "apollo",
        &[],
    )]);
    for (query, count) in [
        ("group_by=day&from=2020-01-01&to=2023-04-14", 1_200),
        ("group_by=month&from=1950-01-01&to=2049-12-31", 28 * 12),
        ("group_by=project&from=0000-01-01&to=9999-12-31", 1),
    ] {
        let groups = report(&alice, query)["groups"].as_array().map(Vec::len);
        assert_eq!(groups, Some(count), "{query}");
    }
}
