//! The number of SQL statements: constant for a push of any size, and one for frequent requests of
//! Watson.

use serde_json::Value;

use crate::support::{Crick, Device, Engine, FrameJson, announce, batch, frames, on_both_engines};

on_both_engines![a_push_of_one_frame_and_of_ten_thousand_use_the_same_number_of_statements];

#[test]
fn on_postgresql_an_empty_sync_and_the_projects_are_one_statement_each() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    let mut crick = Crick::start_with(engine, LOGGED);
    let api = crick.device("laptop");
    Device::new(api.clone()).sync();
    let since = "/watson/frames?last_sync=2026-01-01T00:00:00%2B00:00";
    for _ in 0..4 {
        assert_eq!(api.get(since).frames().len(), 0);
    }
    assert!(!api.get("/watson/projects").ok(200)["projects"].is_null());
    let events = stopped(&mut crick);
    let last_of = |route: &str| {
        statements_of(&events, |request| {
            let fields = &request["fields"];
            fields["method"] == "GET" && fields["route"] == route
        })
    };
    assert_eq!(last_of("/watson/frames"), 1);
    assert_eq!(last_of("/watson/projects"), 1);
}

fn a_push_of_one_frame_and_of_ten_thousand_use_the_same_number_of_statements(engine: Engine) {
    let one = statements_of_a_push(engine, &frames(1));
    let ten_thousand = statements_of_a_push(engine, &frames(10_000));
    let many_projects: Vec<FrameJson> = (0..500)
        .flat_map(|number| batch(&format!("project {number}"), 4))
        .collect();
    let five_hundred_projects = statements_of_a_push(engine, &many_projects);
    announce(&format!(
        "SQL statements of one push on {}: 1 frame {one}, 10,000 frames {ten_thousand}, \
         2,000 frames of 500 new projects {five_hundred_projects}",
        engine.name()
    ));
    assert!(one > 0, "no statement was counted");
    assert_eq!([ten_thousand, five_hundred_projects], [one, one]);
}

const LOGGED: &[&str] = &["--log", "info,sqlx=debug", "--drain-grace", "0"];

/// The number of statements of a push.
fn statements_of_a_push(engine: Engine, push: &[FrameJson]) -> usize {
    let mut crick = Crick::start_with(engine, LOGGED);
    let api = crick.device("laptop");
    // The first sync opens connections to the database, and records the use of the token.
    Device::new(api.clone()).sync();
    api.push(push);
    let events = stopped(&mut crick);
    statements_of(&events, |request| request["fields"]["method"] == "POST")
}

/// The log of a stopped server.
fn stopped(crick: &mut Crick) -> Vec<Value> {
    crick.server.terminate();
    assert_eq!(crick.server.wait().code(), Some(0));
    crick.server.log.events()
}

/// The number of statements of the last matching request.
fn statements_of(events: &[Value], is_meant: impl Fn(&Value) -> bool) -> usize {
    let is_request = |event: &&Value| event["fields"]["message"] == "request" && is_meant(event);
    let event = events.iter().rfind(is_request).expect("it is logged");
    let request = &event["span"]["request_id"];
    assert!(request.is_string(), "{event}");
    events
        .iter()
        .filter(|event| event["target"] == "sqlx::query" && &event["span"]["request_id"] == request)
        .count()
}
