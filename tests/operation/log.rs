//! The log has one line per request.

use serde_json::Value;

use crate::support::{Crick, Engine, frame, on_both_engines};

on_both_engines![every_request_is_one_line_with_its_method_route_and_status];

fn every_request_is_one_line_with_its_method_route_and_status(engine: Engine) {
    let mut crick = Crick::start_with(engine, &["--drain-grace", "0"]);
    let laptop = crick.device("laptop");
    laptop.push(&[frame()]);
    laptop.pull_everything();
    laptop.get("/no/such/page");
    crick.stranger().get("/watson/projects/");
    crick.server.terminate();
    crick.server.wait();

    let events = crick.server.log.events();
    let requests: Vec<&Value> = events
        .iter()
        .filter(|event| !field(event, "method").is_null())
        .collect();
    let seen: Vec<(&Value, i64)> = requests
        .iter()
        .map(|event| {
            (
                field(event, "method"),
                field(event, "status").as_i64().expect("a status"),
            )
        })
        .collect();
    let expected = [("POST", 201), ("GET", 200), ("GET", 404), ("GET", 401)];
    assert_eq!(seen.len(), expected.len(), "{events:#?}");
    for ((method, status), (expected_method, expected_status)) in seen.into_iter().zip(expected) {
        assert_eq!(
            (method.as_str(), status),
            (Some(expected_method), expected_status)
        );
    }
    for event in &requests {
        assert!(!field(event, "request_id").is_null(), "{event}");
        assert!(
            !event.to_string().contains("last_sync="),
            "the template, not the address: {event}"
        );
    }
    let mut ids: Vec<&str> = requests
        .iter()
        .filter_map(|event| field(event, "request_id").as_str())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(
        ids.len(),
        expected.len(),
        "each request has an id of its own"
    );
}

/// A field of an event, wherever the format puts it.
fn field<'a>(event: &'a Value, name: &str) -> &'a Value {
    [&event["fields"][name], &event["span"][name]]
        .into_iter()
        .find(|value| !value.is_null())
        .unwrap_or(&Value::Null)
}
