//! Reading, putting and deleting one frame.

use serde_json::{Value, json};
use uuid::Uuid;

use super::starts_of;
use crate::support::{Api, Crick, Device, Engine, frame, on_both_engines};

on_both_engines![
    putting_a_frame_returns_it_as_it_is_stored,
    putting_a_frame_again_replaces_it,
    putting_the_same_frame_changes_nothing,
    both_names_of_the_start_are_accepted,
    a_malformed_frame_is_400_and_an_invalid_one_422,
    every_device_is_sent_a_frame_that_was_put,
    a_deleted_frame_is_not_restored_by_an_unchanged_push,
    putting_a_deleted_frame_restores_it_on_every_device,
    frames_of_two_users_with_one_id_are_two_frames,
];

fn hour() -> Value {
    json!({
        "start_at": "2026-03-01T11:00:00.1234567+01:00", "end_at": "2026-03-01T12:00:00+01:00",
        "project": "apollo", "tags": ["b", "a"],
    })
}

#[track_caller]
fn put(api: &Api, id: Uuid, frame: &Value, status: u16) -> Value {
    api.send("PUT", &format!("/frames/{id}"), frame).ok(status)
}

fn putting_a_frame_returns_it_as_it_is_stored(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let id = Uuid::new_v4();
    let stored = put(&alice, id, &hour(), 201);
    let expected = json!({
        "id": id, "start_at": "2026-03-01T10:00:00.123456Z", "end_at": "2026-03-01T11:00:00Z",
        "project": "apollo", "tags": ["b", "a"],
    });
    assert_eq!(stored, expected);
    for path in [format!("/frames/{id}"), format!("/frames/{}/", id.simple())] {
        assert_eq!(alice.get(&path).ok(200), expected, "{path}");
    }
    // What is read may be put back.
    assert_eq!(put(&alice, id, &expected, 200), expected);
}

fn putting_a_frame_again_replaces_it(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let id = Uuid::new_v4();
    put(&alice, id, &hour(), 201);
    let mut other = hour();
    other["project"] = json!("gemini");
    other.as_object_mut().expect("an object").remove("tags");
    let stored = put(&alice, id, &other, 200);
    assert_eq!(stored["project"], "gemini");
    assert_eq!(stored["tags"], json!([]));
    assert_eq!(starts_of(&alice, "").len(), 1);
}

fn putting_the_same_frame_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut laptop = Device::new(crick.device("laptop"));
    let id = Uuid::new_v4();
    put(&alice, id, &hour(), 201);
    assert_eq!(laptop.sync().received.len(), 1);
    let seq = crick.database.number("SELECT max(seq) FROM frames");
    put(&alice, id, &hour(), 200);
    assert_eq!(crick.database.number("SELECT max(seq) FROM frames"), seq);
    assert_eq!(laptop.sync().received.len(), 0);
}

fn both_names_of_the_start_are_accepted(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let frame = frame();
    let id = Uuid::parse_str(frame["id"].as_str().expect("an id")).expect("a UUID");
    let stored = put(&alice, id, &frame, 201);
    assert_eq!(stored["start_at"], "2026-03-01T10:00:00Z");
    let mut both = frame.clone();
    both["start_at"] = json!("2026-03-01T11:00:00+01:00");
    put(&alice, id, &both, 200);
}

fn a_malformed_frame_is_400_and_an_invalid_one_422(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let id = Uuid::new_v4();
    let path = format!("/frames/{id}");
    let with = |key: &str, value: Value| {
        let mut frame = hour();
        frame[key] = value;
        frame
    };
    for body in [
        json!([]),
        json!("frame"),
        with("id", json!(5)),
        with("id", json!("abc")),
        with("start_at", json!("2026-03-01")),
        with("start_at", json!("2026-03-01T10:00:00")),
        with("end_at", json!(1_772_359_200)),
        with("end_at", json!("2026-03-01T10:00:00Z[Europe/Paris]")),
        with("project", json!(1)),
        with("tags", json!("moon")),
        with("tags", json!([null])),
    ] {
        let detail = alice.send("PUT", &path, &body).problem(400);
        assert!(!detail.contains("the whole list"), "{detail}");
    }
    alice.request("PUT", &path, &[]).problem(400);
    for body in [
        json!({}),
        with("id", json!(Uuid::new_v4())),
        with("id", json!(Uuid::nil())),
        with("start_at", json!("2026-03-01T11:00:01Z")),
        with("start_at", json!("0001-01-01T00:00:00Z")),
        with("begin_at", json!("2026-03-01T10:00:01Z")),
        with("start_at", Value::Null),
        with("end_at", Value::Null),
        with("end_at", json!("9999-12-31T23:59:59-12:00")),
        with("project", json!(" ")),
        with("project", json!("a\0")),
        with("project", json!("x".repeat(513))),
        with("tags", json!(["\0"])),
        with("tags", json!(vec!["x"; 257])),
    ] {
        alice.send("PUT", &path, &body).problem(422);
    }
    let nil = format!("/frames/{}", Uuid::nil());
    alice.send("PUT", &nil, &hour()).problem(422);
    assert!(starts_of(&alice, "").is_empty());
    assert_eq!(alice.get("/projects").ok(200)["projects"], json!([]));
}

fn every_device_is_sent_a_frame_that_was_put(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut laptop = Device::new(crick.device("laptop"));
    let mut phone = Device::new(crick.device("phone"));
    let id = laptop.add("apollo");
    laptop.sync();
    phone.sync();
    let mut frame = alice.get(&format!("/frames/{id}")).ok(200);
    frame["project"] = json!("gemini");
    put(&alice, id, &frame, 200);
    for device in [&mut laptop, &mut phone] {
        device.sync();
        assert_eq!(device.project(id), Some("gemini"));
    }
    assert_eq!(laptop.sync().received.len(), 0);
}

fn a_deleted_frame_is_not_restored_by_an_unchanged_push(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let id = Uuid::new_v4();
    let stored = put(&alice, id, &hour(), 201);
    let path = format!("/frames/{id}");
    let removed = alice.delete(&path);
    assert_eq!((removed.status, removed.body.len()), (204, 0));
    alice.get(&path).problem(404);
    alice.delete(&path).problem(404);
    alice.push(&[stored]);
    assert!(starts_of(&alice, "").is_empty());
}

fn putting_a_deleted_frame_restores_it_on_every_device(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut laptop = Device::new(crick.device("laptop"));
    let id = Uuid::new_v4();
    put(&alice, id, &hour(), 201);
    laptop.sync();
    alice.delete(&format!("/frames/{id}"));
    put(&alice, id, &hour(), 201);
    assert_eq!(crick.database.number("SELECT count(*) FROM tombstones"), 0);
    assert!(laptop.sync().received.contains_key(&id));
}

fn frames_of_two_users_with_one_id_are_two_frames(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let id = Uuid::new_v4();
    let path = format!("/frames/{id}");
    put(&alice, id, &hour(), 201);
    bob.get(&path).problem(404);
    bob.delete(&path).problem(404);
    put(&bob, id, &hour(), 201);
    assert_eq!(bob.delete(&path).status, 204);
    alice.get(&path).ok(200);
}
