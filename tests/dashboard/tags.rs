//! The page of projects and tags.

use super::{Browser, bars, longest_first, watson};
use crate::support::{Crick, Engine, frame_of, on_both_engines};

on_both_engines![projects_and_tags_are_those_of_the_report];

fn projects_and_tags_are_those_of_the_report(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[
        frame_of(
            "2026-02-28T22:00:00Z",
            "2026-03-01T02:00:00Z",
            "apollo",
            &["moon", "lander"],
        ),
        frame_of(
            "2026-03-05T10:00:00Z",
            "2026-03-05T12:00:00Z",
            "gemini",
            &["moon"],
        ),
        frame_of(
            "2026-03-06T10:00:00Z",
            "2026-03-06T10:07:03Z",
            "gemini",
            &[],
        ),
        frame_of(
            "2027-03-06T10:00:00Z",
            "2027-03-06T11:00:00Z",
            "later",
            &["x"],
        ),
    ]);
    let browser = Browser::sign_in(&crick, &alice, "America/New_York");
    for (shown, asked) in [
        (
            "range=month&date=2026-03-15",
            "from=2026-03-01&to=2026-03-31",
        ),
        (
            "range=year&date=2026-03-15",
            "from=2026-01-01&to=2026-12-31",
        ),
        (
            "range=week&date=2026-03-05",
            "from=2026-03-02&to=2026-03-08",
        ),
        (
            "from=2026-02-28&to=2026-02-28",
            "from=2026-02-28&to=2026-02-28",
        ),
    ] {
        let page = browser.page(&format!("/dashboard/tags?{shown}"));
        let report = |level: &str| {
            let address = format!("/reports/summary?{asked}&tz=America/New_York&group_by={level}");
            alice.get(&address).ok(200)
        };
        let (projects, tags) = (report("project"), report("tag"));
        assert_eq!(
            bars(&page, "Time per project"),
            longest_first(&projects),
            "{shown}"
        );
        assert_eq!(bars(&page, "Time per tag"), longest_first(&tags), "{shown}");
        assert!(page.contains(&format!(
            "<strong>{}</strong>",
            watson(&projects["seconds"])
        )));
    }
    let empty = browser.page("/dashboard/tags?range=month&date=2020-01-01");
    assert!(empty.contains("Nothing tracked in this period."), "{empty}");
}
