//! A frame removed on the server stays removed, unless somebody edits it afterwards.

use serde_json::json;

use crate::support::{Crick, Engine, frame, on_both_engines};

on_both_engines![
    a_removed_frame_is_not_sent_any_more,
    pushing_a_removed_frame_unchanged_does_not_bring_it_back,
    pushing_a_removed_frame_edited_brings_it_back,
    removing_a_frame_that_is_not_there_fails_with_a_sentence,
];

/// A server, a client, and a frame that was pushed and then removed on the command line.
fn removed(engine: Engine) -> (Crick, crate::support::Api, crate::support::FrameJson) {
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

fn a_removed_frame_is_not_sent_any_more(engine: Engine) {
    let (_crick, laptop, _) = removed(engine);
    assert!(laptop.pull_everything().is_empty());
}

fn pushing_a_removed_frame_unchanged_does_not_bring_it_back(engine: Engine) {
    let (crick, laptop, mut frame) = removed(engine);
    for api in [&laptop, &crick.device("phone")] {
        api.push(std::slice::from_ref(&frame));
        assert!(laptop.pull_everything().is_empty());
    }
    // The same frame in another spelling is still the same frame.
    frame["begin_at"] = json!("2026-03-01T11:00:00.000+01:00");
    laptop.push(std::slice::from_ref(&frame));
    assert!(laptop.pull_everything().is_empty());
}

fn pushing_a_removed_frame_edited_brings_it_back(engine: Engine) {
    for (key, value) in [
        ("project", json!("gemini")),
        ("tags", json!([])),
        ("begin_at", json!("2026-03-01T10:00:01Z")),
        ("end_at", json!("2026-03-01T11:00:01Z")),
    ] {
        let (_crick, laptop, mut frame) = removed(engine);
        frame[key] = value;
        laptop.push(std::slice::from_ref(&frame));
        let stored = laptop.pull_everything();
        assert_eq!(stored.len(), 1, "another {key} is an edit");
        laptop.push(&[frame]);
        assert_eq!(laptop.pull_everything(), stored);
    }
}

fn removing_a_frame_that_is_not_there_fails_with_a_sentence(engine: Engine) {
    let (crick, ..) = removed(engine);
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
