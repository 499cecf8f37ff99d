//! Exports, imports and calendar feeds.

mod calendar;
mod csv_cells;
mod feed_lifetime;
mod feeds;
mod files;
mod import;
mod import_again;
mod memory;
mod round_trip;
mod statements;

use serde_json::{Value, json};

use crate::support::{Api, Crick, Reply};

/// Sends a file to import.
#[track_caller]
fn send(api: &Api, query: &str, media_type: &str, file: &str) -> Reply {
    let headers = [("Content-Type", media_type)];
    let path = format!("/frames/import{query}");
    api.request_with_body("POST", &path, &headers, file.as_bytes())
}

/// The result of an import, as (taken, changed, unchanged, removed, refused).
#[track_caller]
fn import(api: &Api, media_type: &str, file: &str) -> [u64; 5] {
    counts(&send(api, "", media_type, file).ok(200))
}

/// The numbers of a report.
fn counts(report: &Value) -> [u64; 5] {
    ["taken", "changed", "unchanged", "removed", "refused"]
        .map(|name| report[name].as_u64().expect("a number"))
}

/// Creates a feed, and returns it with the path of its address.
#[track_caller]
fn feed(api: &Api, wanted: Value) -> (Value, String) {
    let made = api.send("POST", "/users/me/feeds", &wanted).ok(201);
    let url = made["url"].as_str().expect("an address");
    let path = url.find("/calendar/").map(|at| url[at..].to_owned());
    (made, path.expect("a calendar"))
}

/// A team about apollo whose members alice and bob share it: its id.
#[track_caller]
fn team(alice: &Api, bob: &Api) -> String {
    let me = bob.get("/users/me").ok(200);
    let wanted = json!({"name": "moon", "projects": ["apollo"], "user_ids": [me["id"]]});
    alice.send("POST", "/teams", &wanted).ok(201);
    let invitations = bob.get("/users/me/invitations").ok(200);
    let id = invitations["invitations"][0]["id"]
        .as_str()
        .expect("an invitation");
    let accept = format!("/users/me/invitations/{id}/accept");
    assert_eq!(bob.request("POST", &accept, &[]).status, 200);
    let teams = alice.get("/teams").ok(200);
    teams["teams"][0]["id"].as_str().expect("a team").to_owned()
}

/// The values of this property in all events of a calendar.
fn lines<'a>(calendar: &'a str, name: &str) -> Vec<&'a str> {
    let lines = calendar.split("\r\n");
    lines.filter_map(|line| line.strip_prefix(name)).collect()
}

/// A client without credentials.
fn program(crick: &Crick) -> Api {
    crick.stranger()
}
