//! Tokens are made, shown once and revoked on the page of the devices, by the rules of the API.

use serde_json::{Value, json};

use super::{Browser, after, text};
use crate::support::{Api, Crick, Engine, on_both_engines};

on_both_engines![
    a_token_works_as_it_is_shown_until_it_is_revoked,
    revoking_the_token_of_a_session_signs_out,
    the_device_of_somebody_else_is_not_there,
    nobody_grants_more_than_they_signed_in_with,
    a_device_that_makes_no_sense_is_refused_with_the_form,
    who_may_only_read_makes_and_revokes_no_token,
];

const PATH: &str = "/dashboard/devices";

/// The id of one's device by its name.
#[track_caller]
fn id(who: &Api, name: &str) -> String {
    let tokens = who.get("/users/me/tokens").ok(200)["tokens"].clone();
    let mut tokens = tokens.as_array().expect("tokens").iter();
    let token = tokens.find(|token| token["name"] == name);
    let id = token.and_then(|token| token["id"].as_str());
    id.expect("a device").to_owned()
}

/// How many devices there are.
fn count(who: &Api) -> usize {
    let tokens = who.get("/users/me/tokens").ok(200);
    tokens["tokens"].as_array().expect("tokens").len()
}

fn revoke(id: &str) -> String {
    format!("{PATH}/{id}/revoke")
}

fn a_token_works_as_it_is_shown_until_it_is_revoked(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let wanted = [("name", "laptop"), ("scopes", "sync"), ("scopes", "read")];
    let reply = browser.post(PATH, &wanted);
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(reply.header("cache-control"), "no-store");
    let page = text(reply);
    let url = format!("watson config backend.url {}\n", crick.server.watson_url());
    assert!(page.contains(&url), "{page}");
    let shown = page.split_once("watson config backend.token ");
    let token = shown.and_then(|(_, rest)| rest.lines().next());
    let token = token.expect("a token").to_owned();
    let laptop = crick.with_token(&token);
    laptop.get("/watson/projects").ok(200);
    assert_eq!(laptop.delete("/users/me").status, 403, "no `write`");

    let list = browser.page(PATH);
    assert!(list.contains("laptop") && !list.contains(&token), "{list}");
    let revoke = revoke(&id(&alice, "laptop"));
    assert!(list.contains(&revoke), "{list}");
    assert!(browser.page(&revoke).contains("Revoke laptop?"));
    assert_eq!(laptop.get("/watson/projects").status, 200, "only asked");
    let list = browser.done(&revoke, &[]);
    assert!(list.contains("The token is revoked"), "{list}");
    laptop.get("/watson/projects").problem(401);
    assert_eq!(browser.get(&revoke).status, 404);
    assert_eq!(browser.post(&revoke, &[]).status, 404);
}

fn revoking_the_token_of_a_session_signs_out(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let revoke = revoke(&id(&alice, "web"));
    assert!(browser.page(&revoke).contains("you will be signed out"));
    let reply = browser.post(&revoke, &[]);
    assert_eq!(reply.status, 303);
    assert_eq!(reply.header("location"), "/dashboard/sign-in");
    let cookie = reply.header("set-cookie");
    assert!(
        cookie.starts_with("crick=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    assert_eq!(browser.get("/").status, 303);
    alice.get("/users/me").problem(401);
}

fn the_device_of_somebody_else_is_not_there(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let revoke = revoke(&id(&bob, "web"));
    assert_eq!(browser.get(&revoke).status, 404);
    assert_eq!(browser.post(&revoke, &[]).status, 404);
    assert_eq!(bob.get("/users/me").status, 200);
}

fn nobody_grants_more_than_they_signed_in_with(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let own = json!({"name": "tablet", "scopes": ["read", "write"], "expires_in_days": 30});
    let own = alice.send("POST", "/users/me/tokens", &own).ok(201);
    let tablet = crick.with_token(own["token"].as_str().expect("a secret"));
    let browser = Browser::sign_in(&crick, &tablet, "UTC");
    let page = browser.page(PATH);
    assert!(!page.contains("value=\"sync\""), "not offered: {page}");
    for (field, words) in [
        (("scopes", "sync"), "It cannot be allowed more"),
        (("days", "31"), "lives longer"),
    ] {
        let reply = browser.post(PATH, &[("name", "other"), ("scopes", "read"), field]);
        assert_eq!(reply.status, 403, "{field:?}: {reply:?}");
        let page = text(reply);
        assert!(page.contains(words), "{page}");
    }
    assert_eq!(count(&alice), 2);

    let made = browser.post(PATH, &[("name", "other"), ("scopes", "read"), ("days", "")]);
    assert_eq!(made.status, 201, "{made:?}");
    let tokens = alice.get("/users/me/tokens").ok(200)["tokens"].clone();
    let other: Vec<&Value> = tokens.as_array().expect("tokens").iter().collect();
    let other = other.iter().find(|token| token["name"] == "other");
    let expires_at = &other.expect("the new one")["expires_at"];
    assert_eq!(expires_at, &own["expires_at"], "as long as its maker");
}

fn a_device_that_makes_no_sense_is_refused_with_the_form(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let read = ("scopes", "read");
    for (fields, status) in [
        (vec![("name", "phone")], 400),
        (vec![("name", "phone"), ("scopes", "everything")], 400),
        (vec![("name", "phone"), read, ("days", "0")], 400),
        (vec![("name", "phone"), read, ("days", "3651")], 400),
        (vec![("name", "phone"), read, ("days", "soon")], 400),
        (vec![("name", " "), read], 400),
        (vec![read], 400),
        (vec![("name", "web"), read], 409),
    ] {
        let reply = browser.post(PATH, &fields);
        assert_eq!(reply.status, status, "{fields:?}: {reply:?}");
        assert!(text(reply).contains("<h1>"), "{fields:?}");
    }
    let page = text(browser.post(PATH, &[("name", "phone \"<b>"), ("days", "7")]));
    assert_eq!(
        after(&page, "name=\"name\" value=\""),
        "phone &quot;&lt;b&gt;"
    );
    assert_eq!(after(&page, "name=\"days\" value=\""), "7");
    assert_eq!(count(&alice), 1);
}

fn who_may_only_read_makes_and_revokes_no_token(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &crick.device("laptop"), "UTC");
    let revoke = revoke(&id(&alice, "web"));
    let page = browser.page(PATH);
    assert!(page.contains("may only read"), "{page}");
    assert!(
        !page.contains(&revoke) && !page.contains("id=\"name\""),
        "{page}"
    );
    assert_eq!(browser.get(&revoke).status, 403);
    for (path, fields) in [
        (revoke.as_str(), vec![]),
        (PATH, vec![("name", "phone"), ("scopes", "read")]),
    ] {
        let reply = browser.post(path, &fields);
        assert_eq!(reply.status, 403, "{path}");
        assert!(text(reply).contains("may only read"), "{path}");
    }
    assert_eq!(count(&alice), 2);
}
