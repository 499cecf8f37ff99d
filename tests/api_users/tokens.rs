//! Creating, listing and revoking tokens.

use serde_json::{Value, json};

use crate::support::{Api, Clock, Crick, Device, Engine, Reply, frame, on_both_engines};

on_both_engines![
    a_token_is_shown_once_and_works,
    a_token_may_do_what_its_scopes_allow,
    a_token_cannot_create_one_with_more_scopes,
    a_token_cannot_create_one_that_expires_later,
    a_revoked_token_is_401_and_its_name_is_free,
    a_device_has_one_valid_token,
    a_token_is_created_for_one_device_or_for_several,
    a_token_found_to_be_shared_shows_since_when,
    a_resend_sends_a_device_everything_once,
    a_resend_reaches_all_devices_of_a_shared_token,
    a_revoked_token_cannot_be_resent_to,
    an_invalid_token_request_is_refused,
    tokens_of_others_are_neither_listed_nor_revoked,
];

fn make(api: &Api, wanted: &Value) -> Reply {
    api.request_with_body(
        "POST",
        "/users/me/tokens",
        &[],
        wanted.to_string().as_bytes(),
    )
}

/// A client with a new token.
#[track_caller]
fn made(crick: &Crick, by: &Api, wanted: &Value) -> (Value, Api) {
    let reply = make(by, wanted);
    assert_eq!(reply.status, 201, "{reply:?}");
    let token = reply.json();
    let secret = token["token"].as_str().expect("a secret").to_owned();
    (token, crick.with_token(&secret))
}

fn a_token_is_shown_once_and_works(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (token, phone) = made(
        &crick,
        &alice,
        &json!({"name": "phone", "expires_in_days": 30}),
    );
    assert_eq!(token["name"], "phone");
    assert_eq!(token["scopes"], json!(["sync", "read"]));
    assert!(token["expires_at"].is_string());
    phone.push(&[frame()]);
    let listed = phone.get("/users/me/tokens");
    assert!(!String::from_utf8_lossy(&listed.body).contains(phone.token()));
    let names: Vec<Value> = listed.json()["tokens"]
        .as_array()
        .expect("tokens")
        .iter()
        .map(|token| token["name"].clone())
        .collect();
    assert_eq!(names, ["phone", "web"]);
}

fn a_token_may_do_what_its_scopes_allow(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (_, sync) = made(&crick, &alice, &json!({"name": "sync", "scopes": ["sync"]}));
    let (_, read) = made(&crick, &alice, &json!({"name": "read", "scopes": ["read"]}));
    let (_, write) = made(
        &crick,
        &alice,
        &json!({"name": "write", "scopes": ["write"]}),
    );
    sync.push(&[frame()]);
    let detail = sync.get("/projects").problem(403);
    assert!(detail.contains("read"), "{detail}");
    assert_eq!(read.get("/projects").status, 200);
    read.get("/watson/projects").problem(403);
    read.push_text("[]").problem(403);
    read.request("DELETE", "/users/me", &[]).problem(403);
    write.get("/projects").problem(403);
    let (_, narrower) = made(
        &crick,
        &write,
        &json!({"name": "narrower", "scopes": ["write"]}),
    );
    assert_eq!(narrower.request("DELETE", "/users/me", &[]).status, 204);
}

fn a_token_cannot_create_one_with_more_scopes(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (_, write) = made(
        &crick,
        &alice,
        &json!({"name": "write", "scopes": ["write"]}),
    );
    make(&write, &json!({"name": "more"})).problem(403);
    make(
        &write,
        &json!({"name": "more", "scopes": ["write", "read"]}),
    )
    .problem(403);
}

fn a_token_cannot_create_one_that_expires_later(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let short = json!({"name": "short", "scopes": ["write"], "expires_in_days": 2});
    let (short, by) = made(&crick, &alice, &short);
    make(
        &by,
        &json!({"name": "long", "scopes": ["write"], "expires_in_days": 3}),
    )
    .problem(403);
    let (same, _) = made(&crick, &by, &json!({"name": "same", "scopes": ["write"]}));
    assert_eq!(same["expires_at"], short["expires_at"]);
    made(
        &crick,
        &by,
        &json!({"name": "shorter", "scopes": ["write"], "expires_in_days": 1}),
    );
}

fn a_revoked_token_is_401_and_its_name_is_free(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (token, phone) = made(&crick, &alice, &json!({"name": "phone"}));
    let path = format!("/users/me/tokens/{}", token["id"].as_str().expect("an id"));
    assert_eq!(alice.request("DELETE", &path, &[]).status, 204);
    phone.get("/users/me").problem(401);
    alice.request("DELETE", &path, &[]).problem(404);
    made(&crick, &alice, &json!({"name": "phone"}));
}

fn a_device_has_one_valid_token(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    made(&crick, &alice, &json!({"name": "phone"}));
    let detail = make(&alice, &json!({"name": "phone"})).problem(409);
    assert!(detail.contains("phone"), "{detail}");
}

fn a_token_is_created_for_one_device_or_for_several(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for (wanted, shared) in [
        (json!({"name": "laptop"}), false),
        (json!({"name": "tablet", "shared": false}), false),
        (json!({"name": "two", "shared": true}), true),
    ] {
        let (token, _) = made(&crick, &alice, &wanted);
        assert_eq!(token["shared"], shared, "{wanted}");
        assert_eq!(token["found_shared_at"], Value::Null);
    }
    let shared = |token: &Value| (token["name"].clone(), token["shared"].clone());
    let listed: Vec<_> = tokens(&alice).iter().map(shared).collect();
    let listed = Value::from(
        listed
            .into_iter()
            .map(|(a, b)| json!([a, b]))
            .collect::<Vec<_>>(),
    );
    let all = json!([
        ["laptop", false],
        ["tablet", false],
        ["two", true],
        ["web", false]
    ]);
    assert_eq!(listed, all);
    for shared in [json!(null), json!("yes"), json!(1)] {
        make(&alice, &json!({"name": "other", "shared": shared})).problem(400);
    }
}

fn tokens(who: &Api) -> Vec<Value> {
    let tokens = who.get("/users/me/tokens").ok(200)["tokens"].clone();
    tokens.as_array().expect("tokens").clone()
}

fn a_token_found_to_be_shared_shows_since_when(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let found = "UPDATE api_tokens SET is_shared = true, found_shared_at = 1772359200000000";
    crick.database.execute(found);
    let token = &tokens(&alice)[0];
    assert_eq!(token["shared"], true);
    assert_eq!(token["found_shared_at"], "2026-03-01T10:00:00Z");
}

fn a_resend_sends_a_device_everything_once(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (token, laptop) = made(&crick, &alice, &json!({"name": "laptop"}));
    let mut laptop = Device::new(laptop);
    let own = laptop.add("apollo");
    laptop.sync();
    assert_eq!(laptop.sync().received.len(), 0);
    laptop.remove(own);
    resend(&alice, &token, 204);
    assert_eq!(laptop.sync().received.len(), 1);
    assert_eq!(laptop.project(own), Some("apollo"));
    assert_eq!(laptop.sync().received.len(), 0, "once");
}

#[track_caller]
fn resend(who: &Api, token: &Value, status: u16) {
    let path = format!(
        "/users/me/tokens/{}/resend",
        token["id"].as_str().expect("an id")
    );
    assert_eq!(who.request("POST", &path, &[]).status, status);
}

fn a_resend_reaches_all_devices_of_a_shared_token(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (token, both) = made(&crick, &alice, &json!({"name": "both", "shared": true}));
    let clock = Clock::moved_by_hand();
    let mut devices = [(); 2].map(|()| Device::new(both.clone()).with_clock(clock.clone()));
    let own = devices[0].add("apollo");
    for _ in 0..2 {
        for device in &mut devices {
            device.sync();
            clock.pass(clock.second() + 5);
        }
    }
    for device in &mut devices {
        device.remove(own);
    }
    resend(&alice, &token, 204);
    for device in &mut devices {
        device.sync();
        clock.pass(clock.second() + 5);
        assert_eq!(device.project(own), Some("apollo"));
    }
}

fn a_revoked_token_cannot_be_resent_to(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let (token, _) = made(&crick, &alice, &json!({"name": "phone"}));
    resend(&bob, &token, 404);
    resend(&alice, &token, 204);
    let path = format!("/users/me/tokens/{}", token["id"].as_str().expect("an id"));
    assert_eq!(alice.delete(&path).status, 204);
    resend(&alice, &token, 404);
    alice
        .request("POST", "/users/me/tokens/nonsense/resend", &[])
        .problem(400);
}

fn an_invalid_token_request_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let long = "x".repeat(65);
    for wanted in [
        json!({}),
        json!({"name": ""}),
        json!({"name": "  "}),
        json!({"name": long}),
        json!({"name": "bell\u{7}"}),
        json!({"name": "phone", "scopes": []}),
        json!({"name": "phone", "scopes": ["admin"]}),
        json!({"name": "phone", "scopes": "sync"}),
        json!({"name": "phone", "expires_in_days": 0}),
        json!({"name": "phone", "expires_in_days": 4000}),
        json!({"name": "phone", "expires_in_days": -1}),
        json!({"name": "phone", "secret": "mine"}),
        json!(["phone"]),
        json!(null),
    ] {
        make(&alice, &wanted).problem(400);
    }
    for id in ["nonsense", "%00"] {
        alice
            .request("DELETE", &format!("/users/me/tokens/{id}"), &[])
            .problem(400);
    }
}

fn tokens_of_others_are_neither_listed_nor_revoked(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let (token, phone) = made(&crick, &alice, &json!({"name": "phone"}));
    let path = format!("/users/me/tokens/{}", token["id"].as_str().expect("an id"));
    bob.request("DELETE", &path, &[]).problem(404);
    assert_eq!(phone.get("/users/me").status, 200);
    assert_eq!(
        bob.get("/users/me/tokens").json()["tokens"]
            .as_array()
            .expect("tokens")
            .len(),
        1
    );
}
