//! An export can be imported without loss, whatever the names of projects.

use serde_json::Value;

use super::import;
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![an_imported_export_has_the_same_frames];

const NASTY: [&str; 12] = [
    "=1+1",
    "'=1+1",
    "''@x",
    "+49",
    "-",
    "\tx",
    "a,b",
    "say \"hi\"",
    "two\r\nlines",
    " x ",
    "＝1",
    "🚀;é",
];

/// All frames of a user, in the order of the list.
#[track_caller]
fn everything(api: &Api) -> Value {
    api.get("/frames?limit=1000").ok(200)["frames"].clone()
}

fn an_imported_export_has_the_same_frames(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut frames: Vec<Value> = NASTY
        .iter()
        .map(|name| {
            frame_of(
                "2026-03-01T10:00:00.000001Z",
                "2026-03-01T11:00:00Z",
                name,
                &[name, "", name],
            )
        })
        .collect();
    frames.push(frame_of(
        "1905-01-01T00:00:00Z",
        "1905-01-01T00:00:01Z",
        "long ago",
        &[""],
    ));
    let count = frames.len() as u64;
    alice.push(&frames);
    for (login, path, media_type) in [
        ("bob", "/frames.csv?tz=Europe/Paris", "text/csv"),
        ("carol", "/frames.jsonl", "application/jsonl"),
    ] {
        let other = crick.person(login);
        let file = alice.get(path);
        assert_eq!(import(&other, media_type, file.text()), [count, 0, 0, 0, 0]);
        assert_eq!(everything(&other), everything(&alice), "{path}");
        assert_eq!(import(&alice, media_type, file.text()), [0, 0, count, 0, 0]);
    }
}
