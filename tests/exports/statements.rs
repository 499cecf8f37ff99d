//! The number of SQL statements of files and imports does not depend on the number of frames.

use serde_json::json;

use super::{feed, import, program};
use crate::support::{Crick, Engine, announce, on_both_engines};

on_both_engines![files_use_as_many_statements_for_a_thousand_frames_as_for_one];

fn files_use_as_many_statements_for_a_thousand_frames_as_for_one(engine: Engine) {
    let one = statements(engine, 1);
    let many = statements(engine, 900);
    announce(&format!(
        "SQL statements of an import twice, three files, and a feed on {}: {one:?}",
        engine.name()
    ));
    assert_eq!(one, many);
    assert!(one.iter().all(|count| (1..=16).contains(count)), "{one:?}");
}

fn statements(engine: Engine, frames: usize) -> Vec<usize> {
    let mut crick = Crick::start_with(engine, &["--log", "info,sqlx=debug", "--drain-grace", "0"]);
    let alice = crick.person("alice");
    alice.get("/users/me").ok(200);
    let row = |at: usize| format!("2026-03-01 09:00:00.{at:06},2026-03-01 10:00,p{at},x\n");
    let rows: String = (0..frames).map(row).collect();
    let file = format!("start,end,project,tags\n{rows}");
    import(&alice, "text/csv", &file);
    import(&alice, "text/csv", &file);
    for path in ["/frames.csv", "/frames.jsonl", "/frames.ics"] {
        alice.get(path).text();
    }
    let (_, calendar) = feed(&alice, json!({"name": "work"}));
    program(&crick).get(&calendar).text();
    crick.server.statements_by_request()
}
