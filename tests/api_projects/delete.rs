//! Deleting a project with or without its frames.

use super::{names, path_of};
use crate::support::{Crick, Device, Engine, batch, on_both_engines};

on_both_engines![
    a_project_with_frames_is_deleted_only_together_with_them,
    a_project_without_frames_is_deleted,
    deleted_frames_are_not_restored_by_an_unchanged_push,
    an_edited_frame_is_restored_with_its_project,
    frames_accepts_only_remove,
];

fn a_project_with_frames_is_deleted_only_together_with_them(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[batch("apollo", 3), batch("gemini", 1)].concat());
    let path = path_of(&alice, "apollo");
    let detail = alice.delete(&path).problem(409);
    assert!(
        detail.contains("has 3 frames; add ?frames=remove"),
        "{detail}"
    );
    assert_eq!(alice.pull_everything().len(), 4);
    let removed = alice.delete(&format!("{path}?frames=remove"));
    assert_eq!((removed.status, removed.body.len()), (204, 0));
    assert_eq!(names(&alice, "/projects"), ["gemini"]);
    assert_eq!(alice.pull_everything().len(), 1);
    alice.delete(&path).problem(404);
}

fn a_project_without_frames_is_deleted(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut frames = batch("apollo", 1);
    alice.push(&frames);
    frames[0]["project"] = "gemini".into();
    alice.push(&frames);
    assert_eq!(alice.delete(&path_of(&alice, "apollo")).status, 204);
    assert_eq!(names(&alice, "/projects"), ["gemini"]);
}

fn deleted_frames_are_not_restored_by_an_unchanged_push(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut laptop = Device::new(crick.device("laptop"));
    laptop.add("apollo");
    laptop.add("apollo");
    // Pushed, but the sync does not end: everything is pushed once more by the next one.
    let mut interrupted = laptop.pull();
    laptop.push(&mut interrupted);
    assert_eq!(interrupted.pushed.len(), 2);
    let path = path_of(&alice, "apollo");
    assert_eq!(alice.delete(&format!("{path}?frames=remove")).status, 204);
    let sync = laptop.sync();
    assert_eq!((sync.pushed.len(), sync.received.len()), (2, 0));
    assert!(alice.pull_everything().is_empty());
    let nothing: [&str; 0] = [];
    assert_eq!(names(&alice, "/projects"), nothing, "nor does the project");
    // With something else in the list, that is written.
    let other = laptop.add("gemini");
    laptop.sync();
    assert_eq!(names(&alice, "/projects"), ["gemini"]);
    alice.get(&format!("/frames/{other}")).ok(200);
}

fn an_edited_frame_is_restored_with_its_project(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut frames = batch("apollo", 2);
    alice.push(&frames);
    let path = path_of(&alice, "apollo");
    alice.delete(&format!("{path}?frames=remove"));
    frames[0]["tags"] = serde_json::json!(["edited"]);
    alice.push(&frames);
    assert_eq!(alice.pull_everything().len(), 1);
    assert_eq!(names(&alice, "/projects"), ["apollo"]);
    assert_ne!(path_of(&alice, "apollo"), path, "it is another project");
}

fn frames_accepts_only_remove(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&batch("apollo", 1));
    let path = path_of(&alice, "apollo");
    for query in [
        "frames=",
        "frames=keep",
        "frames=true",
        "Frames=remove",
        "x=1",
        "frames=remove%00",
    ] {
        alice.delete(&format!("{path}?{query}")).problem(400);
    }
    assert_eq!(alice.pull_everything().len(), 1);
}
