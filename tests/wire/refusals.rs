//! A bad frame refuses its whole batch, and the answer says which one and why.

use serde_json::{Value, json};

use crate::support::{Crick, Engine, FrameJson, frame, frames, on_both_engines};

on_both_engines![
    a_bad_frame_refuses_the_whole_batch_and_is_named,
    a_batch_that_is_no_list_is_refused,
    a_refused_batch_changes_nothing_that_was_there,
];

/// A name for the fault, and a frame that has it.
fn faults() -> Vec<(&'static str, FrameJson)> {
    let with = |key: &str, value: Value| {
        let mut frame = frame();
        frame[key] = value;
        frame
    };
    let without = |key: &str| {
        let mut frame = frame();
        frame.as_object_mut().expect("an object").remove(key);
        frame
    };
    vec![
        (
            "two different starts",
            with("start_at", json!("2026-03-01T10:00:01Z")),
        ),
        (
            "an end before the start",
            with("end_at", json!("2026-03-01T09:59:59Z")),
        ),
        (
            "an end before the start in truth",
            with("end_at", json!("2026-03-01T11:00:00+02:00")),
        ),
        (
            "a start in the year 1",
            with("begin_at", json!("0001-01-01T00:00:00Z")),
        ),
        ("a null start", with("begin_at", Value::Null)),
        ("no start", without("begin_at")),
        ("a null end", with("end_at", Value::Null)),
        ("no end", without("end_at")),
        (
            "a start without a zone",
            with("begin_at", json!("2026-03-01T10:00:00")),
        ),
        (
            "a start without a time",
            with("begin_at", json!("2026-03-01")),
        ),
        (
            "a start on a day that never was",
            with("begin_at", json!("2017-02-29T10:00:00Z")),
        ),
        (
            "a start that is a number",
            with("begin_at", json!(1_772_359_200)),
        ),
        ("a start that is no date", with("begin_at", json!("noon"))),
        ("an empty project", with("project", json!(""))),
        ("a blank project", with("project", json!(" \t "))),
        (
            "a project of 513 characters",
            with("project", json!("é".repeat(513))),
        ),
        ("a null project", with("project", Value::Null)),
        ("no project", without("project")),
        ("a project that is a number", with("project", json!(7))),
        ("NUL in the project", with("project", json!("a\u{0}b"))),
        ("NUL in a tag", with("tags", json!(["a\u{0}b"]))),
        (
            "tags of 4,097 characters together",
            with("tags", json!(vec!["é".repeat(241); 17])),
        ),
        ("tags that are a text", with("tags", json!("nasa"))),
        ("a tag that is a number", with("tags", json!(["nasa", 7]))),
        (
            "the nil id",
            with("id", json!("00000000-0000-0000-0000-000000000000")),
        ),
        ("no id", without("id")),
        ("a null id", with("id", Value::Null)),
        ("an id that is a number", with("id", json!(7))),
        (
            "an id that is too short",
            with("id", json!("0f2b4a9c-0000-4000-8000-00000000000")),
        ),
        ("an id that is no UUID", with("id", json!("urn:uuid:"))),
        ("null instead of a frame", Value::Null),
        ("a list instead of a frame", json!([])),
        ("a number instead of a frame", json!(7)),
    ]
}

fn a_bad_frame_refuses_the_whole_batch_and_is_named(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    for (fault, bad) in faults() {
        let batch = [frame(), bad.clone(), frame()];
        let reply = laptop.try_push(&batch);
        assert!(
            matches!(reply.status, 400 | 422),
            "{fault}: {}",
            reply.status
        );
        let detail = reply.problem(reply.status);
        let id = bad["id"]
            .as_str()
            .unwrap_or_default()
            .replace("urn:uuid:", "");
        assert!(detail.contains(&id), "{fault}: no id in {detail:?}");
        let rest = if id.is_empty() {
            detail.clone()
        } else {
            detail.replace(&id, "")
        };
        let mut words = rest.split(|c: char| !c.is_alphanumeric());
        assert!(
            words.any(|word| word == "1"),
            "{fault}: no index in {detail:?}"
        );
        let reason = rest.split_once('1').map_or("", |(_, reason)| reason);
        assert!(
            reason.chars().any(char::is_alphabetic),
            "{fault}: no reason in {detail:?}"
        );
        let stored = laptop.pull_everything();
        assert!(stored.is_empty(), "{fault}: stored {stored:?}");
    }
}

fn a_batch_that_is_no_list_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let good = frame().to_string();
    let bodies = [
        String::new(),
        "{}".to_owned(),
        good.clone(),
        format!("{{\"frames\":[{good}]}}"),
        format!("[{good},]"),
        format!("[{good}] x"),
        format!("[{good}"),
        format!("\u{feff}[{good}]"),
        "7".to_owned(),
        "\"[]\"".to_owned(),
    ];
    for body in bodies {
        laptop.push_text(&body).problem(400);
    }
    let not_utf8 = b"[{\"project\":\"\xff\xfe\"}]";
    let reply = laptop.request_with_body("POST", "/watson/frames/bulk", &[], not_utf8);
    reply.problem(400);
    assert!(laptop.pull_everything().is_empty());
}

fn a_refused_batch_changes_nothing_that_was_there(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut batch = frames(2);
    laptop.push(&batch);
    batch[0]["project"] = json!("changed");
    batch[1]["project"] = json!("");
    laptop.try_push(&batch);
    let stored = laptop.pull_everything();
    assert_eq!(stored.len(), 2);
    assert!(
        stored.iter().all(|frame| frame["project"] == "apollo"),
        "{stored:?}"
    );
    let projects = laptop.get("/watson/projects").json();
    assert_eq!(
        projects["projects"].as_array().expect("a list").len(),
        1,
        "{projects}"
    );
}
