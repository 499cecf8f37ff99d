//! A frame that is deleted on the server stays deleted, unless a device edits it afterwards.

use serde_json::json;

use crate::support::{Crick, Engine, frame, on_both_engines};

on_both_engines![
    a_deleted_frame_is_not_sent,
    pushing_a_deleted_frame_unchanged_does_not_restore_it,
    pushing_a_deleted_frame_with_edits_restores_it,
    deleting_an_unknown_frame_fails,
];

/// A server, a client, and a frame that was pushed and then deleted on the command line.
fn deleted(engine: Engine) -> (Crick, crate::support::Api, crate::support::FrameJson) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let frame = frame();
    laptop.push(std::slice::from_ref(&frame));
    let id = frame["id"]
        .as_str()
        .expect("an id")
        .replace("urn:uuid:", "");
    crick
        .database
        .crick(&["frame", "remove", "alice", &id])
        .succeeded();
    (crick, laptop, frame)
}

fn a_deleted_frame_is_not_sent(engine: Engine) {
    let (_crick, laptop, _) = deleted(engine);
    assert!(laptop.pull_everything().is_empty());
}

fn pushing_a_deleted_frame_unchanged_does_not_restore_it(engine: Engine) {
    let (crick, laptop, mut frame) = deleted(engine);
    for api in [&laptop, &crick.device("phone")] {
        api.push(std::slice::from_ref(&frame));
        assert!(laptop.pull_everything().is_empty());
    }
    // The same frame in another spelling is still the same frame.
    frame["begin_at"] = json!("2026-03-01T11:00:00.000+01:00");
    laptop.push(std::slice::from_ref(&frame));
    assert!(laptop.pull_everything().is_empty());
}

fn pushing_a_deleted_frame_with_edits_restores_it(engine: Engine) {
    for (key, value) in [
        ("project", json!("gemini")),
        ("tags", json!([])),
        ("begin_at", json!("2026-03-01T10:00:01Z")),
        ("end_at", json!("2026-03-01T11:00:01Z")),
    ] {
        let (_crick, laptop, mut frame) = deleted(engine);
        frame[key] = value;
        laptop.push(std::slice::from_ref(&frame));
        let stored = laptop.pull_everything();
        assert_eq!(stored.len(), 1, "another {key} is an edit");
        laptop.push(&[frame]);
        assert_eq!(laptop.pull_everything(), stored);
    }
}

fn deleting_an_unknown_frame_fails(engine: Engine) {
    let (crick, ..) = deleted(engine);
    let id = uuid::Uuid::new_v4().to_string();
    crick
        .database
        .crick(&["frame", "remove", "alice", &id])
        .failed();
    crick
        .database
        .crick(&["frame", "remove", "nobody", &id])
        .failed();
    crick
        .database
        .crick(&["frame", "remove", "alice", "nonsense"])
        .failed();
}
