//! The workload of a project by day.

use serde_json::{Value, json};
use uuid::Uuid;

use super::path_of;
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    levels_are_by_the_minutes_of_all_frames_of_a_day,
    a_night_counts_for_both_days_of_the_zone,
    days_without_a_minute_are_not_listed,
    only_the_projects_own_frames_count,
    workloads_accept_a_range_of_days,
    at_most_four_hundred_days_are_listed_even_for_a_frame_of_centuries,
    an_invalid_range_is_400_and_an_unknown_project_404,
];

/// Alice with frames on apollo, each from one instant to another, and the address of apollo's workloads.
fn alice(crick: &Crick, frames: &[(&str, &str)]) -> (Api, String) {
    let alice = crick.person("alice");
    let frames = frames
        .iter()
        .map(|(start, end)| frame_of(start, end, "apollo", &[]));
    alice.push(&frames.collect::<Vec<_>>());
    let path = format!("{}/workloads", path_of(&alice, "apollo"));
    (alice, path)
}

/// Day and level of an answer.
#[track_caller]
fn workloads(api: &Api, path: &str) -> Vec<(String, u64)> {
    let answer = api.get(path).ok(200);
    let day = |day: &Value| {
        let date = day["date"].as_str().expect("a date");
        let date = date.strip_suffix("T00:00:00Z").expect("midnight");
        (date.to_owned(), day["workload"].as_u64().expect("a level"))
    };
    answer["workloads"]
        .as_array()
        .expect("a list")
        .iter()
        .map(day)
        .collect()
}

fn day(date: &str, level: u64) -> (String, u64) {
    (date.to_owned(), level)
}

fn levels_are_by_the_minutes_of_all_frames_of_a_day(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, path) = alice(
        &crick,
        &[
            ("2026-03-01T10:00:00Z", "2026-03-01T11:00:59Z"),
            ("2026-03-02T10:00:00Z", "2026-03-02T10:30:00Z"),
            ("2026-03-02T11:00:00Z", "2026-03-02T11:31:00Z"),
            ("2026-03-03T10:00:00Z", "2026-03-03T14:00:00Z"),
            ("2026-03-04T10:00:00Z", "2026-03-04T14:01:00Z"),
            ("2026-03-05T10:00:00Z", "2026-03-05T16:00:00Z"),
            ("2026-03-06T10:00:00Z", "2026-03-06T16:01:00Z"),
            ("2026-03-07T10:00:00Z", "2026-03-07T10:01:00Z"),
        ],
    );
    assert_eq!(
        workloads(&alice, &path),
        [
            day("2026-03-07", 1),
            day("2026-03-06", 4),
            day("2026-03-05", 3),
            day("2026-03-04", 3),
            day("2026-03-03", 2),
            day("2026-03-02", 2),
            day("2026-03-01", 1),
        ]
    );
    let first = &alice.get(&path).ok(200)["workloads"][0];
    assert_eq!(
        first,
        &json!({"date": "2026-03-07T00:00:00Z", "workload": 1})
    );
}

fn a_night_counts_for_both_days_of_the_zone(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, path) = alice(&crick, &[("2026-03-28T20:00:00Z", "2026-03-29T22:10:00Z")]);
    assert_eq!(
        workloads(&alice, &path),
        [day("2026-03-29", 4), day("2026-03-28", 2)]
    );
    assert_eq!(
        workloads(&alice, &format!("{path}?tz=Europe/Paris")),
        [
            day("2026-03-30", 1),
            day("2026-03-29", 4),
            day("2026-03-28", 2)
        ]
    );
    assert_eq!(
        workloads(&alice, &format!("{path}?tz=America/New_York")),
        [day("2026-03-29", 4), day("2026-03-28", 4)]
    );
}

fn days_without_a_minute_are_not_listed(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, path) = alice(
        &crick,
        &[
            ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
            ("2026-03-02T10:00:00Z", "2026-03-02T10:00:59Z"),
            ("2026-03-03T10:00:00Z", "2026-03-03T10:00:30Z"),
            ("2026-03-03T11:00:00Z", "2026-03-03T11:00:30Z"),
        ],
    );
    assert_eq!(workloads(&alice, &path), [day("2026-03-03", 1)]);
}

fn only_the_projects_own_frames_count(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, path) = alice(&crick, &[("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")]);
    alice.push(&[frame_of(
        "2026-03-02T10:00:00Z",
        "2026-03-02T20:00:00Z",
        "gemini",
        &[],
    )]);
    let bob = crick.person("bob");
    bob.push(&[frame_of(
        "2026-03-03T10:00:00Z",
        "2026-03-03T20:00:00Z",
        "apollo",
        &[],
    )]);
    assert_eq!(workloads(&alice, &path), [day("2026-03-01", 1)]);
}

fn workloads_accept_a_range_of_days(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, path) = alice(
        &crick,
        &[
            ("2026-03-01T10:00:00Z", "2026-03-05T10:00:00Z"),
            ("2026-03-09T10:00:00Z", "2026-03-09T11:00:00Z"),
        ],
    );
    assert_eq!(
        workloads(&alice, &format!("{path}?from=2026-03-04&to=2026-03-08")),
        [day("2026-03-05", 4), day("2026-03-04", 4)]
    );
    assert_eq!(
        workloads(&alice, &format!("{path}?to=2026-03-01&tz=Asia/Tokyo")),
        [day("2026-03-01", 3)]
    );
    assert_eq!(workloads(&alice, &format!("{path}?from=2026-03-10")), []);
}

fn at_most_four_hundred_days_are_listed_even_for_a_frame_of_centuries(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, path) = alice(&crick, &[("1900-01-01T00:00:00Z", "9999-12-30T00:00:00Z")]);
    let days = workloads(&alice, &path);
    assert_eq!((days.len(), &days[0]), (400, &day("9999-12-29", 4)));
    let days = workloads(&alice, &format!("{path}?to=2026-03-01&tz=Europe/Paris"));
    assert_eq!((days.len(), &days[0]), (400, &day("2026-03-01", 4)));
    assert_eq!(days[399], day("2025-01-26", 4));
}

fn an_invalid_range_is_400_and_an_unknown_project_404(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, path) = alice(&crick, &[("2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")]);
    for query in [
        "tz=Mars",
        "tz=",
        "from=",
        "from=1",
        "from=2026-03-02&to=2026-03-01",
        "limit=5",
    ] {
        alice.get(&format!("{path}?{query}")).problem(400);
    }
    alice.get("/projects/abc/workloads").problem(400);
    let nothing = format!("/projects/{}/workloads", Uuid::new_v4());
    assert_eq!(alice.get(&nothing).problem(404), "Project not found");
}
