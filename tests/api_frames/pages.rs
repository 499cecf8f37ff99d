//! The pages of the list of frames, and its JSON form.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{page_of, starts, starts_of};
use crate::support::{Crick, Engine, FrameJson, frame_of, frames, on_both_engines};

on_both_engines![
    a_frame_is_listed_with_its_five_fields,
    without_frames_the_list_is_empty,
    frames_are_listed_newest_first_in_a_stable_order,
    pages_join_without_a_gap_and_link_to_the_next,
    a_page_after_the_last_is_empty_and_links_to_it,
    a_page_has_fifty_frames_by_default,
    ten_thousand_frames_fit_on_a_page,
];

fn a_frame_is_listed_with_its_five_fields(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let frame = frame_of(
        "2026-03-01T11:00:00.25+01:00",
        "2026-03-01T12:00:00+01:00",
        "apollo <1>",
        &["b", "a", "b"],
    );
    alice.push(std::slice::from_ref(&frame));
    let page = alice.get("/frames").ok(200);
    let expected = json!({
        "frames": [{
            "id": frame["id"], "start_at": "2026-03-01T10:00:00.25Z", "end_at": "2026-03-01T11:00:00Z",
            "project": "apollo <1>", "tags": ["b", "a", "b"],
        }],
        "meta": {"page": {"count": 1, "limit": 50}},
    });
    assert_eq!(page, expected);
}

fn without_frames_the_list_is_empty(engine: Engine) {
    let crick = Crick::start(engine);
    let page = crick.person("alice").get("/frames").ok(200);
    assert_eq!(
        page,
        json!({"frames": [], "meta": {"page": {"count": 0, "limit": 50}}})
    );
}

fn frames_are_listed_newest_first_in_a_stable_order(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    bob.push(&frames(3));
    let mut sent = frames(20);
    sent.push(frame_of(
        "2026-03-01T09:00:00Z",
        "2026-03-02T09:00:00Z",
        "a",
        &[],
    ));
    sent.push(frame_of(
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00Z",
        "z",
        &[],
    ));
    alice.push(&sent);
    let page = alice.get("/frames").ok(200);
    let listed: Vec<(String, Uuid)> = page["frames"]
        .as_array()
        .expect("frames")
        .iter()
        .map(|frame| {
            let text = |key: &str| frame[key].as_str().expect("a text").to_owned();
            (text("start_at"), text("id").parse().expect("an id"))
        })
        .collect();
    let mut sorted = listed.clone();
    sorted.sort();
    sorted.reverse();
    assert_eq!(listed, sorted);
    assert_eq!(listed.len(), 22);
}

fn minutes(count: usize) -> Vec<FrameJson> {
    (0..count)
        .map(|minute| {
            let at = format!("2026-03-01T10:{minute:02}:00Z");
            frame_of(&at, &at, "apollo", &[])
        })
        .collect()
}

fn pages_join_without_a_gap_and_link_to_the_next(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&minutes(10));
    let all = starts_of(&alice, "limit=10000");
    assert_eq!(all.len(), 10);
    let mut joined = Vec::new();
    for (number, page) in [
        (1, json!({"count": 10, "limit": 4, "next": 2})),
        (2, json!({"count": 10, "limit": 4, "next": 3, "prev": 1})),
        (3, json!({"count": 10, "limit": 4, "prev": 2})),
    ] {
        let reply = alice.get(&format!("/frames?limit=4&page={number}"));
        joined.extend(starts(&reply));
        assert_eq!(reply.json()["meta"]["page"], page);
    }
    assert_eq!(joined, all);
    let whole = json!({"count": 10, "limit": 10});
    assert_eq!(
        page_of(&alice, "limit=10"),
        whole,
        "no next on a full last page"
    );
    assert_eq!(page_of(&alice, "limit=5&page=2")["next"], Value::Null);
}

fn a_page_after_the_last_is_empty_and_links_to_it(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    assert_eq!(
        page_of(&alice, "page=7"),
        json!({"count": 0, "limit": 50, "prev": 1})
    );
    alice.push(&minutes(10));
    for page in ["4", "5", "922337203685477"] {
        let reply = alice.get(&format!("/frames?limit=4&page={page}"));
        assert!(starts(&reply).is_empty(), "page {page}");
        assert_eq!(
            reply.json()["meta"]["page"],
            json!({"count": 10, "limit": 4, "prev": 3}),
            "page {page}"
        );
    }
    assert_eq!(
        page_of(&alice, "limit=10000&page=922337203685477")["prev"],
        1
    );
}

fn a_page_has_fifty_frames_by_default(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&frames(51));
    assert_eq!(starts_of(&alice, "").len(), 50);
    assert_eq!(starts_of(&alice, "page=2").len(), 1);
}

fn ten_thousand_frames_fit_on_a_page(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&frames(10_001));
    let reply = alice.get("/frames?limit=10000");
    assert_eq!(starts(&reply).len(), 10_000);
    assert_eq!(
        reply.json()["meta"]["page"],
        json!({"count": 10_001, "limit": 10_000, "next": 2})
    );
}
