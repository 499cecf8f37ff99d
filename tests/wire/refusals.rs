//! A frame that cannot be stored is set aside, and the response says which one and why.

use serde_json::{Value, json};

use crate::support::{Crick, Device, Engine, FrameJson, frame, frames, on_both_engines};

on_both_engines![
    a_frame_that_cannot_be_stored_is_reported_and_the_others_are_stored,
    a_push_with_only_bad_frames_is_acknowledged,
    the_response_lists_a_hundred_refusals_and_counts_all,
    a_list_with_more_than_a_thousand_bad_frames_is_refused,
    a_batch_that_is_no_list_is_refused,
    a_refused_frame_does_not_change_the_stored_one,
    the_log_counts_what_was_set_aside,
];

/// The names of faults, and a frame with each.
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
            "a start in the year 1",
            with("begin_at", json!("0001-01-01T00:00:00Z")),
        ),
        (
            "an end in the year 1",
            with("end_at", json!("0001-01-01T00:00:00Z")),
        ),
        (
            "an end in the year 10000",
            with("end_at", json!("9999-12-31T23:59:59-12:00")),
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
        ("257 tags", with("tags", json!(vec!["nasa"; 257]))),
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

/// Invalid frames that JSON libraries do not write.
const RAW_FAULTS: [(&str, &str); 3] = [
    (
        "half of a surrogate pair in the project",
        r#"{"id":"ID",SPAN,"project":"a\udcff"}"#,
    ),
    (
        "half of a surrogate pair in a tag",
        r#"{"id":"ID",SPAN,"project":"a","tags":["\ud800"]}"#,
    ),
    ("a key twice", r#"{"id":"ID","id":"ID",SPAN,"project":"a"}"#),
];
const SPAN: &str = r#""begin_at":"2026-03-01T10:00:00Z","end_at":"2026-03-01T11:00:00Z""#;

fn a_frame_that_cannot_be_stored_is_reported_and_the_others_are_stored(engine: Engine) {
    let crick = Crick::start(engine);
    let mut faults: Vec<(&str, String)> = faults()
        .into_iter()
        .map(|(fault, bad)| (fault, bad.to_string()))
        .collect();
    for (fault, bad) in RAW_FAULTS {
        let id = frame()["id"].to_string();
        let bad = bad.replace("\"ID\"", &id).replace("SPAN", SPAN);
        faults.push((fault, bad));
    }
    let laptop = crick.device("laptop");
    for (number, (fault, bad)) in faults.iter().enumerate() {
        let mut good = frames(2);
        for frame in &mut good {
            frame["project"] = json!(format!("project {number}"));
        }
        let reply = laptop.push_text(&format!("[{},{bad},{}]", good[0], good[1]));
        let pushed = reply.ok(201);
        assert_eq!(
            (&pushed["received"], &pushed["written"], &pushed["refused"]),
            (&json!(3), &json!(2), &json!(1)),
            "{fault}: {pushed}"
        );
        let refusals = pushed["refusals"].as_array().expect("refusals");
        assert_eq!(
            (refusals.len(), &refusals[0]["index"]),
            (1, &json!(1)),
            "{fault}"
        );
        let reason = refusals[0]["reason"].as_str().expect("a reason");
        assert!(!reason.is_empty(), "{fault}");
        for word in ["expected", "invalid type", "column", "line 1", "struct"] {
            assert!(!reason.contains(word), "{fault}: {reason}");
        }
        let bad: Value = serde_json::from_str(bad).unwrap_or_default();
        if let Some(id) = bad["id"].as_str() {
            let shown = refusals[0]["id"].as_str().expect("an id");
            let id = id.replace("urn:uuid:", "").replace('-', "");
            assert_eq!(
                shown.replace("urn:uuid:", "").replace('-', ""),
                id,
                "{fault}"
            );
        }
        let stored = laptop.pull_everything();
        assert_eq!(stored.len(), 2 * (number + 1), "{fault}: {stored:?}");
    }
    // This device and the others continue to sync.
    assert_eq!(
        Device::new(crick.device("phone")).sync().received.len(),
        2 * faults.len()
    );
}

fn a_push_with_only_bad_frames_is_acknowledged(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let pushed = laptop.push_text("[null, 7]").ok(201);
    assert_eq!(
        pushed,
        json!({"received": 2, "written": 0, "refused": 2, "refusals": [
            {"index": 0, "id": null, "reason": "it is not a JSON object"},
            {"index": 1, "id": null, "reason": "it is not a JSON object"},
        ]})
    );
    assert!(laptop.pull_everything().is_empty());
}

fn the_response_lists_a_hundred_refusals_and_counts_all(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut batch: Vec<Value> = vec![json!({"note": "no frame"}); 1_000];
    batch.push(frame());
    let pushed = laptop.try_push(&batch).ok(201);
    assert_eq!(
        (&pushed["refused"], &pushed["written"]),
        (&json!(1_000), &json!(1))
    );
    assert_eq!(pushed["refusals"].as_array().map(Vec::len), Some(100));
}

fn a_list_with_more_than_a_thousand_bad_frames_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut batch = vec![frame()];
    batch.extend(vec![Value::Null; 1_001]);
    let detail = laptop.try_push(&batch).problem(422);
    assert!(
        detail.contains("1000") && detail.contains("in parts"),
        "{detail}"
    );
    assert!(laptop.pull_everything().is_empty());
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

fn a_refused_frame_does_not_change_the_stored_one(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut batch = frames(2);
    laptop.push(&batch);
    batch[0]["project"] = json!("changed");
    batch[1]["project"] = json!("a\u{0}b");
    laptop.push(&batch);
    let stored = laptop.pull_everything();
    let mut projects: Vec<&str> = stored
        .iter()
        .filter_map(|it| it["project"].as_str())
        .collect();
    projects.sort_unstable();
    assert_eq!(projects, ["apollo", "changed"]);
}

fn the_log_counts_what_was_set_aside(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&[frame(), Value::Null, json!({"project": "secret"})]);
    let line = crick.server.log.wait_for(|line| {
        let event: Value = serde_json::from_str(line).ok()?;
        (event["level"] == "WARN").then_some(event)
    });
    let line = line.expect("a warning");
    let fields = &line["fields"];
    assert_eq!(
        (&fields["received"], &fields["refused"]),
        (&json!(3), &json!(2))
    );
    assert!(!line.to_string().contains("secret"), "{line}");
}
