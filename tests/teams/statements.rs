//! The number of SQL statements of a request does not depend on the number or size of teams.

use serde_json::{Value, json};

use super::{create, id, send};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![requests_about_one_team_and_about_a_hundred_use_the_same_number_of_statements];

fn requests_about_one_team_and_about_a_hundred_use_the_same_number_of_statements(engine: Engine) {
    let mut crick = Crick::start_with(engine, &["--log", "info,sqlx=debug", "--drain-grace", "0"]);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let most: Vec<String> = (0..256).map(|number| number.to_string()).collect();
    let most: Vec<&str> = most.iter().map(String::as_str).collect();
    let small = create(&alice, "small", &["apollo"], &[&bob]);
    alice.get("/teams");
    bob.get("/users/me/invitations");
    let large = create(&alice, "large", &most, &[&bob]);
    // A user has at most twenty invitations from one owner.
    for number in 0..98 {
        let invited = if number < 18 { &[&bob][..] } else { &[] };
        create(&alice, &number.to_string(), &["apollo", "gemini"], invited);
    }
    alice.get("/teams");
    bob.get("/users/me/invitations");
    for (team, projects) in [(&small, &["secret"][..]), (&large, &most[..255])] {
        let body = json!({"id": team, "name": team, "projects": projects, "user_ids": [id(&bob)]});
        let changed = send(&alice, "PUT", &format!("/teams/{team}"), &body);
        assert_eq!(changed.status, 200, "{changed:?}");
    }
    crick.server.terminate();
    assert_eq!(crick.server.wait().code(), Some(0));

    let events = crick.server.log.events();
    for (method, route, requests) in [
        ("GET", "/teams", 2),
        ("GET", "/users/me/invitations", 2),
        ("POST", "/teams", 100),
        ("PUT", "/teams/{id}", 2),
    ] {
        let counts = statements(&events, method, route);
        assert_eq!(counts.len(), requests, "{method} {route}");
        assert!(counts[0] > 0, "no statement was counted");
        let all_the_same = counts.iter().all(|count| *count == counts[0]);
        assert!(all_the_same, "{method} {route}: {counts:?}");
    }
}

/// The number of statements of each request to a route, identified by the request's id.
fn statements(events: &[Value], method: &str, route: &str) -> Vec<usize> {
    let is_asked_for = |event: &&Value| {
        let fields = &event["fields"];
        fields["message"] == "request" && fields["method"] == method && fields["route"] == route
    };
    let of_request = |request: &Value| {
        // Some requests also open a connection, or note the use of their token.
        let is_its_own = |summary: &str| {
            !["PRAGMA", "SET jit"]
                .iter()
                .any(|setting| summary.starts_with(setting))
                && !summary.contains("last_used_at")
        };
        let is_statement = |event: &&Value| {
            event["target"] == "sqlx::query"
                && &event["span"]["request_id"] == request
                && event["fields"]["summary"].as_str().is_some_and(is_its_own)
        };
        events.iter().filter(is_statement).count()
    };
    let requests = events.iter().filter(is_asked_for);
    requests
        .map(|event| of_request(&event["span"]["request_id"]))
        .collect()
}
