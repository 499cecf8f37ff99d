//! The page of a year.

use super::{Browser, bars, rows, watson};
use crate::support::{Crick, Engine, frame_of, on_both_engines};

on_both_engines![a_year_shows_the_report_of_its_days];

fn a_year_shows_the_report_of_its_days(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[
        frame_of(
            "2025-12-31T22:00:00Z",
            "2026-01-01T02:00:00Z",
            "apollo",
            &[],
        ),
        frame_of(
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
            "apollo",
            &["a", "b"],
        ),
        frame_of(
            "2026-07-04T10:00:00Z",
            "2026-07-04T10:00:01Z",
            "gemini",
            &[],
        ),
        frame_of(
            "2026-12-31T20:00:00Z",
            "2027-01-01T04:00:00Z",
            "gemini",
            &[],
        ),
    ]);
    let page = Browser::sign_in(&crick, &alice, "Europe/Paris").page("/dashboard/year?year=2026");
    let days = "from=2026-01-01&to=2026-12-31&tz=Europe/Paris";

    let by_day = alice
        .get(&format!("/reports/summary?{days}&group_by=day"))
        .ok(200);
    let mut expected: Vec<String> = by_day["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| watson(&group["seconds"]))
        .collect();
    expected.reverse();
    expected.push(watson(&by_day["seconds"]));
    let shown = rows(&page, "numbers").into_iter().skip(1);
    let shown: Vec<String> = shown.map(|row| row[1].clone()).collect();
    assert_eq!(shown, expected);

    let by_month = alice
        .get(&format!("/reports/summary?{days}&group_by=month"))
        .ok(200);
    let worked = bars(&page, "Hours per month")
        .into_iter()
        .map(|(_, time)| time);
    let worked: Vec<String> = worked.filter(|time| time != "00s").collect();
    let expected: Vec<String> = by_month["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .map(|group| watson(&group["seconds"]))
        .collect();
    assert_eq!(worked, expected);

    // The day of 23 hours is the longest, and links to its frames.
    assert!(page.contains("29 March"), "{page}");
    assert!(page.contains("from=2026-03-29&amp;to=2026-03-29"), "{page}");
    assert_eq!(page.matches("class=\"heat-0\" x=").count(), 365 - 4);
}
