//! The list of frames.

use serde_json::Value;

use super::{Browser, encode, rows, watson};
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    the_list_is_that_of_the_api_with_every_filter,
    a_page_has_fifty_frames_and_links_to_the_others,
    nameless_and_reversed_frames_are_listed_with_no_time,
    a_frame_at_the_end_of_the_calendar_is_listed_in_every_zone,
];

/// Projects and times of the frames of a page.
fn shown(page: &str) -> Vec<(String, String)> {
    let rows = rows(page, "frames")
        .into_iter()
        .filter(|row| row.len() == 4)
        .skip(1);
    rows.map(|row| (row[1].clone(), row[3].clone())).collect()
}

/// Projects and times of the frames of an API response.
fn listed(alice: &Api, query: &str) -> Vec<(String, String)> {
    let list = alice.get(&format!("/frames?{query}")).ok(200);
    let instant = |value: &Value| -> jiff::Timestamp {
        value.as_str().expect("a text").parse().expect("an instant")
    };
    let frames = list["frames"].as_array().cloned().expect("frames");
    let frames = frames.iter().map(|frame| {
        let took = instant(&frame["end_at"]).as_second() - instant(&frame["start_at"]).as_second();
        let project = frame["project"].as_str().expect("a name").to_owned();
        (project, watson(&took.into()))
    });
    frames.collect()
}

fn the_list_is_that_of_the_api_with_every_filter(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[
        frame_of(
            "2026-03-01T22:00:00Z",
            "2026-03-02T02:00:00Z",
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
            "a, b & c",
            &[],
        ),
    ]);
    let browser = Browser::sign_in(&crick, &alice, "Asia/Kathmandu");
    for (chosen, asked, count) in [
        ("", "", 3),
        ("project=apollo", "projects=apollo", 1),
        ("tag=moon", "tags=moon", 2),
        ("tag=moon&tag=lander", "tags=moon,lander", 1),
        (
            "from=2026-03-02&to=2026-03-02",
            "from=2026-03-02&to=2026-03-02&tz=Asia/Kathmandu",
            1,
        ),
        ("add_project=&add_tag=&from=&to=", "", 3),
    ] {
        let page = browser.page(&format!("/dashboard/frames?{chosen}"));
        assert_eq!(shown(&page), listed(&alice, asked), "{chosen}");
        assert_eq!(shown(&page).len(), count, "{chosen}");
    }
    // A name with a comma.
    let page = browser.page(&format!(
        "/dashboard/frames?{}",
        encode(&[("project", "a, b & c")])
    ));
    assert_eq!(
        shown(&page),
        [("a, b & c".to_owned(), "07m 03s".to_owned())]
    );
    // The session's zone is 5:45 hours ahead, so both ends are on the next day.
    let page = browser.page("/dashboard/frames?project=apollo");
    let row = rows(&page, "frames")
        .into_iter()
        .find(|row| row[0].contains("07:45"));
    assert!(row.is_some_and(|row| row[0].starts_with("03:45")), "{page}");
    assert!(page.contains("Monday, 2 March 2026"), "{page}");
}

fn a_page_has_fifty_frames_and_links_to_the_others(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&crate::support::batch("apollo", 101));
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    for (page, frames, newer, older) in [
        (1, 50, false, true),
        (2, 50, true, true),
        (3, 1, true, false),
        (4, 0, true, false),
    ] {
        let text = browser.page(&format!("/dashboard/frames?project=apollo&page={page}"));
        assert_eq!(shown(&text).len(), frames, "{page}");
        assert!(
            text.contains("<strong>101</strong> frames, page "),
            "{text}"
        );
        assert_eq!(text.contains("rel=\"prev\""), newer, "{page}");
        assert_eq!(text.contains("rel=\"next\""), older, "{page}");
    }
}

fn nameless_and_reversed_frames_are_listed_with_no_time(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (ten, eleven) = ("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z");
    alice.push(&[
        frame_of(ten, eleven, "", &[]),
        frame_of(eleven, ten, "apollo", &[]),
    ]);
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    for path in ["/?week=2026-W09", "/dashboard/frames"] {
        let page = browser.page(path);
        let expected = [
            ("apollo".to_owned(), "00s ends before it starts".to_owned()),
            ("(no project)".to_owned(), "00s".to_owned()),
        ];
        assert_eq!(shown(&page), expected, "{path}");
        assert!(
            !page.contains("<option value=\"\""),
            "nothing to choose: {path}"
        );
    }
    let week = browser.page("/?week=2026-W09");
    assert!(week.contains("Nothing tracked"), "{week}");
}

fn a_frame_at_the_end_of_the_calendar_is_listed_in_every_zone(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (start, end) = ("9999-12-30T20:00:00Z", "9999-12-30T22:00:00Z");
    alice.push(&[frame_of(start, end, "apollo", &["moon"])]);
    for zone in ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"] {
        let browser = Browser::sign_in(&crick, &alice, zone);
        let page = browser.page("/dashboard/frames");
        assert_eq!(shown(&page).len(), 1, "{zone}");
        browser.page("/");
        let tags = browser.page("/dashboard/tags?from=9998-12-31&to=9998-12-31");
        assert!(tags.contains("Nothing tracked"), "{zone}");
    }
}
