//! The page of a week.

use super::{Browser, bars, longest_first, plain, rows, watson};
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    a_week_shows_the_report_also_when_clocks_change,
    the_latest_frames_are_those_of_the_list,
    a_user_without_frames_is_told_how_to_send_some,
    a_week_shows_only_the_users_own_frames,
];

fn worker(crick: &Crick) -> Api {
    let alice = crick.person("alice");
    alice.push(&[
        frame_of(
            "2026-03-22T22:30:00Z",
            "2026-03-23T00:30:00Z",
            "apollo",
            &["moon", "lander"],
        ),
        frame_of(
            "2026-03-25T08:00:00Z",
            "2026-03-25T11:05:12Z",
            "gemini",
            &[],
        ),
        frame_of(
            "2026-03-28T22:00:00Z",
            "2026-03-29T22:30:00Z",
            "apollo",
            &["moon"],
        ),
        frame_of(
            "2026-03-29T09:00:00Z",
            "2026-03-29T09:00:01Z",
            "Zond",
            &["moon"],
        ),
        frame_of("2026-04-02T09:00:00Z", "2026-04-02T10:00:00Z", "later", &[]),
    ]);
    for at in 0..12 {
        let (start, end) = (
            format!("2026-03-24T{:02}:00:00Z", at + 6),
            format!("2026-03-24T{:02}:{:02}:07Z", at + 6, at + 1),
        );
        alice.push(&[frame_of(&start, &end, &format!("small {at}"), &[])]);
    }
    alice
}

const WEEK: &str = "from=2026-03-23&to=2026-03-29&tz=Europe/Berlin";

fn a_week_shows_the_report_also_when_clocks_change(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = worker(&crick);
    let page = Browser::sign_in(&crick, &alice, "Europe/Berlin").page("/?week=2026-W13");

    let by_project = alice.get(&format!("/reports/summary?{WEEK}")).ok(200);
    assert!(
        page.contains(&format!(
            "<strong>{}</strong> tracked",
            watson(&by_project["seconds"])
        )),
        "{page}"
    );
    assert_eq!(
        bars(&page, "Projects of the week"),
        longest_first(&by_project)
    );

    let by_day = alice
        .get(&format!("/reports/summary?{WEEK}&group_by=day"))
        .ok(200);
    let table = rows(&page, "numbers");
    let days = &table[0][1..8];
    assert_eq!(
        days,
        [
            "Mon 23 Mar",
            "Tue 24 Mar",
            "Wed 25 Mar",
            "Thu 26 Mar",
            "Fri 27 Mar",
            "Sat 28 Mar",
            "Sun 29 Mar"
        ]
    );
    let mut expected = vec!["–".to_owned(); 7];
    for group in by_day["groups"].as_array().expect("groups") {
        let day = group["key"].as_str().expect("a day");
        let at: usize = day[8..].parse().expect("a day");
        expected[at - 23] = watson(&group["seconds"]);
    }
    let totals = table.last().expect("a row");
    assert_eq!(totals[1..8], expected);
    assert_eq!(totals[8], watson(&by_project["seconds"]));
    // A day of 23 hours, fully worked.
    assert!(totals[7].starts_with("23h 00m 01s"), "{totals:?}");
    // Seven projects and the others.
    assert_eq!(table.len(), 1 + 8 + 1, "{table:?}");
    assert!(page.contains("role=\"img\""));
}

fn the_latest_frames_are_those_of_the_list(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = worker(&crick);
    let page = Browser::sign_in(&crick, &alice, "UTC").page("/");
    let list = alice.get("/frames?limit=10").ok(200);
    let expected: Vec<String> = list["frames"]
        .as_array()
        .expect("frames")
        .iter()
        .map(|frame| frame["project"].as_str().expect("a name").to_owned())
        .collect();
    let shown = rows(&page, "frames")
        .into_iter()
        .filter(|row| row.len() == 4)
        .skip(1);
    let shown: Vec<String> = shown.map(|row| row[1].clone()).collect();
    assert_eq!(shown, expected);
    assert_eq!(shown.len(), 10);
}

fn a_user_without_frames_is_told_how_to_send_some(engine: Engine) {
    let crick = Crick::start(engine);
    worker(&crick);
    let bob = crick.person("bob");
    let page = Browser::sign_in(&crick, &bob, "UTC").page("/");
    for words in ["/dashboard/devices", "watson config", "watson sync"] {
        assert!(page.contains(words), "{page}");
    }
}

fn a_week_shows_only_the_users_own_frames(engine: Engine) {
    let crick = Crick::start(engine);
    worker(&crick);
    let bob = crick.person("bob");
    bob.push(&[frame_of(
        "2026-03-25T08:00:00Z",
        "2026-03-25T09:00:00Z",
        "bobs",
        &[],
    )]);
    let page = Browser::sign_in(&crick, &bob, "UTC").page("/?week=2026-W13");
    let shown = bars(&page, "Projects of the week");
    assert_eq!(shown, [("bobs".to_owned(), "1h 00m 00s".to_owned())]);
    assert!(!plain(&page).contains("apollo"), "{page}");
}
