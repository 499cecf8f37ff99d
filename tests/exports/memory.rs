//! The memory of an export does not depend on the number of frames.

use super::{feed, import, program};
use crate::support::{Crick, Engine, Server, announce, on_both_engines};

on_both_engines![the_server_needs_no_more_memory_for_many_frames_than_for_few];

/// How much more it may be, in KiB: the larger files, let alone the frames in them, are more than that.
const MOST: u64 = 12 << 10;

fn the_server_needs_no_more_memory_for_many_frames_than_for_few(engine: Engine) {
    // More than SQLite keeps of a file in its connections, which is always the same.
    let few = peak(engine, 10_000);
    let many = peak(engine, 60_000);
    announce(&format!(
        "peak memory of a server that exports on {}: 10,000 frames {few} KiB, 60,000 frames {many} KiB",
        engine.name()
    ));
    assert!(many < few + MOST, "{few} KiB grew to {many} KiB");
}

/// The peak of a server that has exported so many frames in every format.
fn peak(engine: Engine, frames: usize) -> u64 {
    let mut crick = Crick::start(engine);
    let mut alice = crick.person("alice");
    let line = |at: usize| {
        let (hour, day) = (at % 24, at / 24 % 28 + 1);
        let id = uuid::Uuid::from_u128(at as u128 + 1);
        format!(
            r#"{{"id":"{id}","start_at":"2026-03-{day:02}T{hour:02}:00:00Z","end_at":"2026-03-{day:02}T{hour:02}:30:00Z","project":"apollo {}","tags":["moon","landing"]}}"#,
            at % 10
        )
    };
    for first in (0..frames).step_by(20_000) {
        let lines: Vec<String> = (first..frames.min(first + 20_000)).map(line).collect();
        import(&alice, "application/jsonl", &lines.join("\n"));
    }
    let (_, calendar) = feed(
        &alice,
        serde_json::json!({"name": "work", "days_back": 3650}),
    );
    // A fresh one, which has not imported anything.
    crick.server = Server::start(&crick.database, &[]);
    alice = alice.at(&crick.server.address);
    for (path, least) in [
        ("/frames.csv", 110),
        ("/frames.jsonl", 150),
        ("/frames.ics", 230),
    ] {
        assert!(alice.get(path).text().len() > frames * least, "{path}");
    }
    let tag = program(&crick).get(&calendar).header("etag").to_owned();
    let again = program(&crick).request("GET", &calendar, &[("If-None-Match", &tag)]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    crick.server.peak_memory()
}
