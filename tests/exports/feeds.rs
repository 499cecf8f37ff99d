//! Creating, listing and reading calendar feeds.

use serde_json::{Value, json};

use super::{feed, lines, program, team};
use crate::support::{Crick, Engine, Server, frame_of, on_both_engines};

on_both_engines![
    a_feed_is_shown_once_and_read_without_a_header,
    a_feed_shows_its_selection,
    an_unchanged_feed_is_304_and_a_changed_one_is_not,
    a_feed_needs_read_and_write,
    an_invalid_feed_is_refused,
    a_user_has_at_most_twenty_feeds,
    a_feed_has_its_own_rate_limit,
    an_export_of_everything_lists_feeds,
];

/// This time of the day, some days ago.
fn days_ago(days: i64) -> String {
    let hours = jiff::SignedDuration::from_hours(days * 24);
    let instant = jiff::Timestamp::now()
        .checked_sub(hours)
        .expect("an instant");
    instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn on(days: i64, project: &str, tags: &[&str]) -> Value {
    frame_of(&days_ago(days), &days_ago(days), project, tags)
}

fn a_feed_is_shown_once_and_read_without_a_header(engine: Engine) {
    let crick = Crick::start_with(engine, &["--log", "debug", "--drain-grace", "0"]);
    let alice = crick.person("alice");
    alice.push(&[on(1, "apollo", &["moon"])]);
    let (made, path) = feed(&alice, json!({"name": "my work"}));
    let secret = path
        .trim_start_matches("/calendar/")
        .trim_end_matches(".ics")
        .to_owned();
    assert!(
        secret.starts_with("crickcal") && secret.len() == 8 + 43,
        "{secret}"
    );
    assert!(
        made["url"]
            .as_str()
            .expect("an address")
            .starts_with(&format!("http://{}/", crick.server.address))
    );
    assert_eq!(made["last_used_at"], Value::Null);

    let read = program(&crick).get(&path);
    assert_eq!(lines(read.text(), "SUMMARY:"), ["apollo"]);
    assert_eq!(lines(read.text(), "NAME:"), ["my work"]);
    assert_eq!(
        lines(read.text(), "REFRESH-INTERVAL;VALUE=DURATION:"),
        ["PT1H"]
    );
    assert_eq!(read.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(read.header("cache-control"), "private, no-cache");

    let listed = alice.get("/users/me/feeds");
    assert!(listed.ok(200)["feeds"][0]["last_used_at"].is_string());
    assert!(!String::from_utf8_lossy(&listed.body).contains(&secret));
    if engine.is_embedded() {
        assert!(!crick.database.file_contains(&secret), "stored in clear");
    }
    let mut server: Server = crick.server;
    server.terminate();
    server.wait();
    let log = server.log.text();
    assert!(
        log.contains("/calendar/{token}") && !log.contains(&secret),
        "{log}"
    );
}

fn a_feed_shows_its_selection(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    alice.push(&[
        on(1, "apollo", &["moon"]),
        on(2, "gemini", &["moon"]),
        on(3, "apollo", &[]),
        on(400, "old", &["moon"]),
    ]);
    bob.push(&[on(4, "apollo", &[]), on(1, "secret", &[])]);
    let id = team(&alice, &bob);
    let shown = |wanted| {
        let (_, path) = feed(&alice, wanted);
        let read = program(&crick).get(&path);
        lines(read.text(), "SUMMARY:").join(" ")
    };
    assert_eq!(shown(json!({"name": "all"})), "apollo gemini apollo");
    assert_eq!(
        shown(json!({"name": "all", "days_back": 3650})),
        "apollo gemini apollo old"
    );
    assert_eq!(
        shown(json!({"name": "all", "days_back": 2.0})),
        "apollo gemini"
    );
    assert_eq!(
        shown(json!({"name": "one", "projects": ["apollo"], "tags": ["moon"]})),
        "apollo"
    );
    assert_eq!(
        shown(json!({"name": "team", "team_id": id})),
        "apollo (alice) apollo (alice) apollo (bob)"
    );
}

fn an_unchanged_feed_is_304_and_a_changed_one_is_not(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    // One page, and more than one.
    for count in [1, 2_100] {
        let frames: Vec<Value> = (0..count).map(|_| on(1, "apollo", &[])).collect();
        alice.push(&frames);
        let (_, path) = feed(&alice, json!({"name": "work"}));
        let read = program(&crick).get(&path);
        let tag = read.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{read:?}");
        assert_eq!(program(&crick).get(&path).body, read.body);
        let again = || program(&crick).request("GET", &path, &[("If-None-Match", &tag)]);
        assert_eq!((again().status, again().body.len()), (304, 0));
        let id = frames[0]["id"].as_str().expect("an id");
        assert_eq!(alice.delete(&format!("/frames/{id}")).status, 204);
        assert_ne!(again().header("etag"), tag);
        assert_eq!(again().status, 200);
    }
}

fn a_feed_needs_read_and_write(engine: Engine) {
    let crick = Crick::start(engine);
    let of = |scopes: &str| {
        let create = [
            "token", "create", "alice", "--device", scopes, "--scopes", scopes,
        ];
        crick.with_token(crick.database.crick(&create).succeeded().stdout.trim())
    };
    for scopes in ["write", "read", "sync,write"] {
        let wanted = json!({"name": "work"});
        let detail = of(scopes)
            .send("POST", "/users/me/feeds", &wanted)
            .problem(403);
        assert!(!detail.contains("crickcal"), "{detail}");
    }
    feed(&of("read,write"), json!({"name": "work"}));
}

fn an_invalid_feed_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for wanted in [
        json!({}),
        json!({"name": " "}),
        json!({"name": "x".repeat(65)}),
        json!({"name": "two\nlines"}),
        json!({"name": "x", "days_back": 0}),
        json!({"name": "x", "days_back": 3651}),
        json!({"name": "x", "days_back": 1.5}),
        json!({"name": "x", "projects": ["a\0"]}),
        json!({"name": "x", "tags": ["a\0"]}),
        json!({"name": "x", "tags": vec!["a"; 257]}),
        json!({"name": "x", "team_id": "none"}),
        json!({"name": "x", "unknown": 1}),
    ] {
        alice.send("POST", "/users/me/feeds", &wanted).problem(400);
    }
    let nobodys = json!({"name": "x", "team_id": uuid::Uuid::new_v4()});
    alice.send("POST", "/users/me/feeds", &nobodys).problem(404);
    assert_eq!(alice.get("/users/me/feeds").ok(200)["feeds"], json!([]));
}

fn a_user_has_at_most_twenty_feeds(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (first, _) = feed(&alice, json!({"name": "first"}));
    std::thread::scope(|scope| {
        for number in 0..25 {
            let alice = alice.clone();
            scope.spawn(move || {
                alice.send(
                    "POST",
                    "/users/me/feeds",
                    &json!({"name": format!("{number}")}),
                )
            });
        }
    });
    let feeds = alice.get("/users/me/feeds").ok(200);
    assert_eq!(feeds["feeds"].as_array().expect("feeds").len(), 20);
    alice
        .send("POST", "/users/me/feeds", &json!({"name": "more"}))
        .problem(422);
    let id = first["id"].as_str().expect("an id");
    assert_eq!(alice.delete(&format!("/users/me/feeds/{id}")).status, 204);
    feed(&alice, json!({"name": "room again"}));
}

fn a_feed_has_its_own_rate_limit(engine: Engine) {
    let crick = Crick::start_with(engine, &["--rate-limit-token", "10"]);
    let alice = crick.person("alice");
    let (_, first) = feed(&alice, json!({"name": "first"}));
    let (_, second) = feed(&alice, json!({"name": "second"}));
    let until_refused = |path: &str| {
        (0..20)
            .take_while(|_| program(&crick).get(path).status == 200)
            .count()
    };
    assert_eq!(until_refused(&first), 10);
    let refused = program(&crick).get(&first);
    refused.problem(429);
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(program(&crick).get(&second).status, 200);
}

fn an_export_of_everything_lists_feeds(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (_, path) = feed(&alice, json!({"name": "work", "projects": ["apollo"]}));
    let export = alice.get("/users/me/export");
    assert_eq!(export.json()["feeds"][0]["projects"], json!(["apollo"]));
    let text = String::from_utf8_lossy(&export.body);
    assert!(
        !text.contains(
            path.trim_end_matches(".ics")
                .trim_start_matches("/calendar/")
        ),
        "{text}"
    );
}
