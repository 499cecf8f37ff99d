//! The groups of a report.

use serde_json::json;

use super::{groups, report};
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    the_default_is_by_project_with_its_id,
    levels_are_nested_in_the_requested_order,
    a_frame_counts_under_each_of_its_tags_and_once_above,
    a_report_has_the_filters_of_the_frame_list,
    sums_are_exact_to_the_microsecond_however_large,
    frames_without_length_are_in_no_group,
    frames_of_other_users_are_not_counted,
];

const MARCH: &str = "from=2026-03-01&to=2026-03-31";

fn worker(crick: &Crick) -> Api {
    let alice = crick.person("alice");
    alice.push(&[
        frame_of(
            "2026-03-02T10:00:00Z",
            "2026-03-02T11:00:00Z",
            "apollo",
            &["moon", "lander", "moon"],
        ),
        frame_of(
            "2026-03-02T12:00:00Z",
            "2026-03-02T12:10:00Z",
            "apollo",
            &["moon"],
        ),
        frame_of(
            "2026-03-02T23:00:00Z",
            "2026-03-03T00:30:00Z",
            "gemini",
            &[],
        ),
        frame_of(
            "2026-03-09T10:00:00Z",
            "2026-03-09T10:00:30Z",
            "Zond",
            &["moon"],
        ),
    ]);
    alice
}

fn the_default_is_by_project_with_its_id(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = worker(&crick);
    let projects = alice.get("/projects").ok(200);
    let id = |name: &str| {
        let projects = projects["projects"].as_array().expect("projects");
        let found = projects.iter().find(|project| project["name"] == name);
        found.expect("the project")["id"].clone()
    };
    assert_eq!(
        report(&alice, MARCH),
        json!({
            "from": "2026-03-01", "to": "2026-03-31", "tz": "UTC", "group_by": ["project"], "seconds": 9_630,
            "groups": [
                {"key": "Zond", "id": id("Zond"), "seconds": 30},
                {"key": "apollo", "id": id("apollo"), "seconds": 4_200},
                {"key": "gemini", "id": id("gemini"), "seconds": 5_400},
            ],
        })
    );
}

fn levels_are_nested_in_the_requested_order(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = worker(&crick);
    for (levels, expected) in [
        ("day", "2026-03-02 7800, 2026-03-03 1800, 2026-03-09 30"),
        (
            "week,project",
            "2026-W10 9600 (apollo 4200, gemini 5400), 2026-W11 30 (Zond 30)",
        ),
        ("year,month", "2026 9630 (2026-03 9630)"),
        (
            "month,day",
            "2026-03 9630 (2026-03-02 7800, 2026-03-03 1800, 2026-03-09 30)",
        ),
        (
            "project,day,tag",
            "Zond 30 (2026-03-09 30 (moon 30)), apollo 4200 (2026-03-02 4200 (lander 3600, moon 4200)), \
             gemini 5400 (2026-03-02 3600 (- 3600), 2026-03-03 1800 (- 1800))",
        ),
    ] {
        assert_eq!(
            groups(&alice, &format!("{MARCH}&group_by={levels}")),
            expected,
            "{levels}"
        );
    }
}

fn a_frame_counts_under_each_of_its_tags_and_once_above(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = worker(&crick);
    let by_tag = report(&alice, &format!("{MARCH}&group_by=tag"));
    assert_eq!(by_tag["seconds"], 9_630);
    assert_eq!(super::line(&by_tag), "lander 3600, moon 4230, - 5400");
    assert!(by_tag["groups"][2]["key"].is_null());
    assert_eq!(
        groups(&alice, &format!("{MARCH}&group_by=tag,project")),
        "lander 3600 (apollo 3600), moon 4230 (Zond 30, apollo 4200), - 5400 (gemini 5400)"
    );
}

fn a_report_has_the_filters_of_the_frame_list(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = worker(&crick);
    for (filter, expected) in [
        ("projects=gemini,%20Zond", "Zond 30, gemini 5400"),
        ("tags=moon", "Zond 30, apollo 4200"),
        ("tags=moon,lander", "apollo 3600"),
        ("tags=moon&projects=Zond", "Zond 30"),
        ("projects=nothing", ""),
    ] {
        assert_eq!(
            groups(&alice, &format!("{MARCH}&{filter}")),
            expected,
            "{filter}"
        );
    }
}

fn sums_are_exact_to_the_microsecond_however_large(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let centuries: Vec<_> = (0..60)
        .map(|_| {
            frame_of(
                "1900-01-01T00:00:00Z",
                "9000-01-01T00:00:00.000001Z",
                "eternity",
                &["a", "b"],
            )
        })
        .collect();
    alice.push(&centuries);
    alice.push(&[frame_of(
        "2026-03-02T10:00:00.999999Z",
        "2026-03-02T10:00:01Z",
        "moment",
        &[],
    )]);
    let reply = alice.get("/reports/summary?from=1900-01-01&to=9998-12-31");
    let text = String::from_utf8(reply.body).expect("UTF-8");
    // 60 times 224,054,380,800 seconds, which are more microseconds than 64 bits hold, and 61 microseconds.
    assert!(
        text.contains(r#""seconds":13443262848000.000061,"#),
        "{text}"
    );
    assert!(text.contains(r#""seconds":0.000001}"#), "{text}");
}

fn frames_without_length_are_in_no_group(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let noon = "2026-03-02T12:00:00Z";
    alice.push(&[frame_of(noon, noon, "apollo", &["moon"])]);
    assert_eq!(
        groups(&alice, &format!("{MARCH}&group_by=day,project,tag")),
        ""
    );
}

fn frames_of_other_users_are_not_counted(engine: Engine) {
    let crick = Crick::start(engine);
    worker(&crick);
    let bob = crick.person("bob");
    assert_eq!(report(&bob, MARCH)["seconds"], 0);
}
