//! The number of SQL statements of a request does not depend on the number of frames.

use serde_json::json;

use super::project_id;
use crate::support::{Crick, Engine, announce, batch, frame, on_both_engines};

on_both_engines![requests_use_as_many_statements_for_a_thousand_frames_as_for_one];

fn requests_use_as_many_statements_for_a_thousand_frames_as_for_one(engine: Engine) {
    let one = statements(engine, 1);
    let thousand = statements(engine, 1_000);
    announce(&format!(
        "SQL statements of web requests on {}: {one:?}",
        engine.name()
    ));
    assert_eq!(one, thousand);
    assert!(one.iter().all(|count| (1..=16).contains(count)), "{one:?}");
}

/// Of each of a row of requests on a project with so many frames.
fn statements(engine: Engine, frames: usize) -> Vec<usize> {
    let mut crick = Crick::start_with(engine, &["--log", "info,sqlx=debug", "--drain-grace", "0"]);
    let alice = crick.person("alice");
    alice.push(&batch("apollo", frames));
    let id = project_id(&alice, "apollo");
    let mut single = frame();
    for query in [
        "",
        "limit=1000&tags=nasa&projects=apollo",
        "from=2026-03-01",
    ] {
        alice.get(&format!("/frames?{query}")).ok(200);
    }
    alice.get(&format!("/frames?projectId={id}")).ok(200);
    alice.get(&format!("/projects/{id}/workloads")).ok(200);
    let path = format!("/frames/{}", single["id"].as_str().expect("an id"));
    single["project"] = json!("apollo");
    alice.send("PUT", &path, &single).ok(201);
    assert_eq!(alice.delete(&path).status, 204);
    let path = format!("/projects/{id}");
    alice
        .send("PATCH", &path, &json!({"name": "gemini"}))
        .ok(200);
    alice.delete(&path).problem(409);
    assert_eq!(alice.delete(&format!("{path}?frames=remove")).status, 204);
    crick.server.statements_by_request()
}
