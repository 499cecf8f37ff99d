//! The list of frames by project and by tag.

use serde_json::json;

use super::{page_of, project_id, starts_of};
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    projects_are_any_of_the_names,
    tags_are_all_of_the_names,
    a_name_is_compared_exactly_and_is_never_a_pattern,
    a_filter_by_project_id_returns_the_project,
    filters_are_combined,
    frames_of_other_users_are_never_listed,
];

/// No frame.
const NONE: [u8; 0] = [];

/// A frame in each hour from 10 to 14.
fn five_frames(crick: &Crick) -> Api {
    let alice = crick.person("alice");
    let frame = |hour: u8, project: &str, tags: &[&str]| {
        let at = format!("2026-03-01T{hour}:00:00Z");
        frame_of(&at, &at, project, tags)
    };
    alice.push(&[
        frame(10, "apollo", &["moon", "crew"]),
        frame(11, "apollo", &["moon"]),
        frame(12, "gemini", &["crew", "orbit"]),
        frame(13, "été", &["1", "née"]),
        frame(14, "100%", &[]),
    ]);
    alice
}

/// The hours of the frames that a query finds.
#[track_caller]
fn hours(api: &Api, query: &str) -> Vec<u8> {
    let starts = starts_of(api, query);
    let hour = |start: &String| start[11..13].parse().expect("an hour");
    starts.iter().map(hour).collect()
}

fn projects_are_any_of_the_names(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = five_frames(&crick);
    assert_eq!(hours(&alice, "projects=apollo"), [11, 10]);
    assert_eq!(hours(&alice, "projects=gemini,apollo"), [12, 11, 10]);
    let spaced = "projects=%20gemini%20,+%C3%A9t%C3%A9,nothing";
    assert_eq!(hours(&alice, spaced), [13, 12]);
    assert_eq!(hours(&alice, "projects=nothing"), NONE);
    let meta = &alice.get("/frames?projects=nothing").ok(200)["meta"];
    assert_eq!(meta["projects"], json!({}));
    assert_eq!(meta["page"]["count"], 0);
    assert!(alice.get("/frames").ok(200)["meta"]["projects"].is_null());
}

fn tags_are_all_of_the_names(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = five_frames(&crick);
    assert_eq!(hours(&alice, "tags=moon"), [11, 10]);
    assert_eq!(hours(&alice, "tags=crew"), [12, 10]);
    assert_eq!(hours(&alice, "tags=crew,%20moon"), [10]);
    assert_eq!(hours(&alice, "tags=moon,moon"), [11, 10]);
    assert_eq!(hours(&alice, "tags=moon,nothing"), NONE);
    assert_eq!(hours(&alice, "tags=n%C3%A9e,1"), [13]);
    assert_eq!(page_of(&alice, "tags=moon&limit=1")["count"], 2);
}

fn a_name_is_compared_exactly_and_is_never_a_pattern(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = five_frames(&crick);
    for name in ["Apollo", "apoll", "%25", "a_ollo", "'", "%22", "%5C", "$1"] {
        assert_eq!(hours(&alice, &format!("projects={name}")), NONE, "{name}");
        assert_eq!(hours(&alice, &format!("tags={name}")), NONE, "{name}");
    }
    assert_eq!(hours(&alice, "projects=100%25"), [14]);
}

fn a_filter_by_project_id_returns_the_project(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = five_frames(&crick);
    let id = project_id(&alice, "gemini");
    assert_eq!(hours(&alice, &format!("projectId={id}")), [12]);
    let meta = &alice.get(&format!("/frames?projectId={id}")).ok(200)["meta"];
    assert_eq!(meta["project"], json!({"id": id, "name": "gemini"}));
    assert!(meta["projects"].is_null() && meta["team"].is_null());
}

fn filters_are_combined(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = five_frames(&crick);
    assert_eq!(hours(&alice, "projects=apollo,gemini&tags=crew"), [12, 10]);
    let apollo = project_id(&alice, "apollo");
    let query = format!("projectId={apollo}&tags=moon&from=2026-03-01&to=2026-03-01&limit=1");
    assert_eq!(hours(&alice, &query), [11]);
    assert_eq!(
        page_of(&alice, &query),
        json!({"count": 2, "limit": 1, "next": 2})
    );
    assert_eq!(hours(&alice, "projects=apollo&from=2026-03-02"), NONE);
}

fn frames_of_other_users_are_never_listed(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = five_frames(&crick);
    let bob = crick.person("bob");
    for query in ["", "projects=apollo", "tags=moon", "from=2026-03-01"] {
        assert_eq!(hours(&bob, query), NONE, "{query}");
    }
    let id = project_id(&alice, "apollo");
    let detail = bob.get(&format!("/frames?projectId={id}")).problem(404);
    assert_eq!(detail, "Project not found");
}
