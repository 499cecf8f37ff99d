//! The accepted forms of a pushed frame, and how it is stored.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Api, Crick, Engine, FrameJson, frame, on_both_engines};

on_both_engines![
    the_start_may_have_either_name_or_both,
    instants_keep_their_offset_and_their_microseconds,
    an_id_may_have_any_form_that_python_accepts,
    a_frame_without_tags_has_an_empty_list_of_them,
    tags_keep_their_order_and_duplicates,
    project_names_are_stored_unchanged,
    unknown_keys_are_ignored,
    a_frame_may_end_when_it_starts,
    an_id_twice_in_one_push_is_no_server_error,
    a_push_may_have_as_many_projects_as_frames,
];

/// Pushes a frame and returns what is then stored for its project.
#[track_caller]
fn stored(api: &Api, frame: &FrameJson) -> FrameJson {
    api.push(std::slice::from_ref(frame));
    let mut all = api.pull_everything();
    all.retain(|stored| stored["project"] == frame["project"]);
    assert_eq!(all.len(), 1, "sent {frame}, stored {all:?}");
    all.remove(0)
}

/// A frame with its own project.
fn numbered(number: usize) -> FrameJson {
    let mut frame = frame();
    frame["project"] = json!(format!("project {number}"));
    frame
}

fn remove_key(frame: &mut FrameJson, key: &str) {
    frame.as_object_mut().expect("an object").remove(key);
}

#[track_caller]
fn assert_instant(returned: &Value, sent: &str) {
    let text = returned.as_str().expect("a text");
    assert!(text.ends_with('Z'), "an answer is in UTC, with Z: {text}");
    let [returned, sent] = [text, sent].map(|text| text.parse::<Timestamp>().expect("an instant"));
    assert_eq!(returned, sent);
}

fn the_start_may_have_either_name_or_both(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let starts = [
        json!({"start_at": "2026-03-01T09:30:00Z"}),
        json!({"begin_at": "2026-03-01T09:30:00Z"}),
        json!({"begin_at": "2026-03-01T09:30:00Z", "start_at": "2026-03-01T09:30:00Z"}),
        json!({"begin_at": "2026-03-01T09:30:00Z", "start_at": "2026-03-01T10:30:00.000+01:00"}),
        json!({"begin_at": null, "start_at": "2026-03-01T09:30:00Z"}),
    ];
    for (number, start) in starts.iter().enumerate() {
        let mut frame = numbered(number);
        remove_key(&mut frame, "begin_at");
        for (key, value) in start.as_object().expect("an object") {
            frame[key] = value.clone();
        }
        let stored = stored(&laptop, &frame);
        assert_instant(&stored["start_at"], "2026-03-01T09:30:00Z");
        assert_eq!(
            stored["start_at"], stored["begin_at"],
            "both names, the same instant"
        );
    }
}

fn instants_keep_their_offset_and_their_microseconds(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let instants = [
        ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00Z"),
        ("2026-03-01T10:00:00-08:00", "2026-03-01T18:00:00Z"),
        ("2026-03-01T10:00:00+05:45", "2026-03-01T04:15:00Z"),
        ("2026-03-01T10:00:00.5Z", "2026-03-01T10:00:00.5Z"),
        (
            "2026-03-01T10:00:00.123456+02:00",
            "2026-03-01T08:00:00.123456Z",
        ),
        (
            "2026-03-01T10:00:00.123456499Z",
            "2026-03-01T10:00:00.123456Z",
        ),
        ("1969-07-20T20:17:40.000001Z", "1969-07-20T20:17:40.000001Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
    ];
    for (number, (sent, meant)) in instants.into_iter().enumerate() {
        let mut frame = numbered(number);
        frame["begin_at"] = json!(sent);
        frame["end_at"] = json!(sent);
        let stored = stored(&laptop, &frame);
        assert_instant(&stored["start_at"], meant);
        assert_instant(&stored["end_at"], meant);
    }
}

fn an_id_may_have_any_form_that_python_accepts(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let spell: [fn(Uuid) -> String; 6] = [
        |id| id.to_string(),
        |id| id.urn().to_string(),
        |id| id.simple().to_string(),
        |id| id.braced().to_string(),
        |id| id.to_string().to_uppercase(),
        |id| id.simple().to_string().to_uppercase(),
    ];
    for (number, spell) in spell.into_iter().enumerate() {
        for (version, id) in [(4, Uuid::new_v4()), (7, Uuid::now_v7())] {
            let mut frame = numbered(number * 10 + version);
            frame["id"] = json!(spell(id));
            assert_eq!(
                stored(&laptop, &frame)["id"],
                id.to_string(),
                "sent {}",
                frame["id"]
            );
        }
    }
}

fn a_frame_without_tags_has_an_empty_list_of_them(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut without = numbered(1);
    remove_key(&mut without, "tags");
    let mut null = numbered(2);
    null["tags"] = Value::Null;
    let mut empty = numbered(3);
    empty["tags"] = json!([]);
    for frame in [without, null, empty] {
        assert_eq!(stored(&laptop, &frame)["tags"], json!([]), "sent {frame}");
    }
}

fn tags_keep_their_order_and_duplicates(engine: Engine) {
    let crick = Crick::start(engine);
    let mut frame = frame();
    frame["tags"] = json!(["z", "a", "é", "a", "with space", "\"quoted\"", "{}", "NULL"]);
    assert_eq!(
        stored(&crick.device("laptop"), &frame)["tags"],
        frame["tags"]
    );
}

fn project_names_are_stored_unchanged(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let long = "é".repeat(512);
    let names = [
        "apollo",
        "APOLLO",
        " apollo ",
        "e\u{301}te",
        "\u{e9}te",
        "日本語 🚀",
        "a'b\"c\\d",
        "%_*",
        &long,
    ];
    for name in names {
        let mut frame = frame();
        frame["project"] = json!(name);
        assert_eq!(stored(&laptop, &frame)["project"], name);
    }
}

fn unknown_keys_are_ignored(engine: Engine) {
    let crick = Crick::start(engine);
    let mut sent = frame();
    sent["updated_at"] = json!(1_772_359_200);
    sent["note"] = json!({"anything": [null]});
    let stored = stored(&crick.device("laptop"), &sent);
    let mut keys: Vec<&String> = stored.as_object().expect("an object").keys().collect();
    keys.sort();
    assert_eq!(
        keys,
        ["begin_at", "end_at", "id", "project", "start_at", "tags"]
    );
}

fn a_frame_may_end_when_it_starts(engine: Engine) {
    let crick = Crick::start(engine);
    let mut frame = frame();
    frame["end_at"] = frame["begin_at"].clone();
    stored(&crick.device("laptop"), &frame);
}

fn an_id_twice_in_one_push_is_no_server_error(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let (first, mut second) = (frame(), frame());
    second["id"] = first["id"].clone();
    second["project"] = json!("gemini");
    let reply = laptop.try_push(&[first, second]);
    let stored = laptop.pull_everything();
    match reply.status {
        201 => assert_eq!(stored.len(), 1, "{stored:?}"),
        status => {
            reply.problem(status);
            assert!(status < 500 && stored.is_empty(), "{status}: {stored:?}");
        }
    }
}

/// A statement that reads the whole list once per project would exceed the request timeout.
fn a_push_may_have_as_many_projects_as_frames(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut frames = crate::support::frames(10_000);
    for (at, frame) in frames.iter_mut().enumerate() {
        frame["project"] = format!("project {at}").into();
    }
    laptop.push(&frames);
    assert_eq!(laptop.pull_everything().len(), 10_000);
}
