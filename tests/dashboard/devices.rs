//! The devices page: tokens are created, shown once and revoked by the rules of the API.

use serde_json::{Value, json};

use super::{Browser, after, text};
use crate::support::{Api, Crick, Device, Engine, on_both_engines};

on_both_engines![
    a_new_token_is_shown_once_and_works_until_it_is_revoked,
    revoking_the_token_of_the_session_signs_out,
    tokens_of_other_users_are_404,
    a_new_token_has_no_more_permissions_than_the_sessions,
    an_invalid_form_is_shown_again_with_the_reason,
    a_read_only_session_creates_and_revokes_no_token,
    a_shared_token_is_created,
    a_token_used_by_two_devices_gets_a_warning,
    a_device_is_sent_everything_again_after_confirmation,
    a_read_only_session_resends_nothing,
];

pub(super) const PATH: &str = "/dashboard/devices";

/// The id of a user's token by its name.
#[track_caller]
fn id(who: &Api, name: &str) -> String {
    let tokens = who.get("/users/me/tokens").ok(200)["tokens"].clone();
    let mut tokens = tokens.as_array().expect("tokens").iter();
    let token = tokens.find(|token| token["name"] == name);
    let id = token.and_then(|token| token["id"].as_str());
    id.expect("a device").to_owned()
}

/// The number of a user's tokens.
fn count(who: &Api) -> usize {
    let tokens = who.get("/users/me/tokens").ok(200);
    tokens["tokens"].as_array().expect("tokens").len()
}

fn revoke(id: &str) -> String {
    format!("{PATH}/{id}/revoke")
}

fn a_new_token_is_shown_once_and_works_until_it_is_revoked(engine: Engine) {
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
    assert!(list.contains("Token revoked"), "{list}");
    laptop.get("/watson/projects").problem(401);
    assert_eq!(browser.get(&revoke).status, 404);
    assert_eq!(browser.post(&revoke, &[]).status, 404);
}

fn revoking_the_token_of_the_session_signs_out(engine: Engine) {
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

fn tokens_of_other_users_are_404(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let revoke = revoke(&id(&bob, "web"));
    assert_eq!(browser.get(&revoke).status, 404);
    assert_eq!(browser.post(&revoke, &[]).status, 404);
    assert_eq!(bob.get("/users/me").status, 200);
}

fn a_new_token_has_no_more_permissions_than_the_sessions(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let own = json!({"name": "tablet", "scopes": ["read", "write"], "expires_in_days": 30});
    let own = alice.send("POST", "/users/me/tokens", &own).ok(201);
    let tablet = crick.with_token(own["token"].as_str().expect("a secret"));
    let browser = Browser::sign_in(&crick, &tablet, "UTC");
    let page = browser.page(PATH);
    assert!(!page.contains("value=\"sync\""), "not offered: {page}");
    for (field, words) in [
        (("scopes", "sync"), "cannot have more permissions"),
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
    let mut tokens = tokens.as_array().expect("tokens").iter();
    let other = tokens.find(|token| token["name"] == "other");
    let expires_at = &other.expect("the new one")["expires_at"];
    assert_eq!(expires_at, &own["expires_at"], "as long as its maker");
}

fn an_invalid_form_is_shown_again_with_the_reason(engine: Engine) {
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

fn a_read_only_session_creates_and_revokes_no_token(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &crick.device("laptop"), "UTC");
    let revoke = revoke(&id(&alice, "web"));
    let page = browser.page(PATH);
    assert!(page.contains("read-only token"), "{page}");
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
        assert!(text(reply).contains("read-only token"), "{path}");
    }
    assert_eq!(count(&alice), 2);
}

fn resend(id: &str) -> String {
    format!("{PATH}/{id}/resend")
}

fn a_shared_token_is_created(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    assert!(!browser.page(PATH).contains("class=\"tag\""));
    let wanted = [("name", "both"), ("scopes", "sync"), ("shared", "true")];
    let reply = browser.post(PATH, &wanted);
    assert_eq!(reply.status, 201, "{reply:?}");
    let page = text(reply);
    assert!(page.contains("Run on each device"), "{page}");
    let tokens = alice.get("/users/me/tokens").ok(200);
    let tokens = tokens["tokens"].as_array().expect("tokens").iter();
    let shared: Vec<&Value> = tokens.map(|token| &token["shared"]).collect();
    assert_eq!(shared, [&json!(true), &json!(false)], "both, web");
    let list = browser.page(PATH);
    assert!(
        list.contains("both <span class=\"tag\">shared</span>"),
        "{list}"
    );
    assert!(
        !list.contains("seems to be used"),
        "that was wanted: {list}"
    );

    let refused = text(browser.post(
        PATH,
        &[("name", "both"), ("scopes", "sync"), ("shared", "true")],
    ));
    let checkbox = "name=\"shared\" value=\"true\" checked";
    assert!(refused.contains(checkbox), "{refused}");
    assert_eq!(
        browser
            .post(PATH, &[("name", "x"), ("scopes", "sync"), ("shared", "2")])
            .status,
        400
    );
}

fn a_token_used_by_two_devices_gets_a_warning(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let found = "UPDATE api_tokens SET is_shared = true, found_shared_at = 1772359200000000";
    crick.database.execute(found);
    let browser = Browser::sign_in(&crick, &alice, "Europe/Paris");
    let page = browser.page(PATH);
    for words in [
        "web: This token seems to be used by two devices.",
        "2026-03-01 11:00",
        "may have been overwritten",
        "watson config backend.token",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    crick.database.create_token("alice", "laptop");
    let revoked = browser.done(&revoke(&id(&alice, "laptop")), &[]);
    assert_eq!(revoked.matches("seems to be used").count(), 1, "{revoked}");
}

fn a_device_is_sent_everything_again_after_confirmation(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let mut laptop = Device::new(crick.device("laptop"));
    let own = laptop.add("apollo");
    laptop.sync();
    laptop.remove(own);
    laptop.sync();
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let path = resend(&id(&alice, "laptop"));
    assert!(browser.page(PATH).contains(&path));
    let page = browser.page(&path);
    assert!(
        page.contains("has not pushed yet are overwritten"),
        "{page}"
    );
    assert!(!page.contains("This token is shared"), "{page}");
    assert_eq!(laptop.sync().received.len(), 0, "only asked");
    let of_bob = resend(&id(&bob, "web"));
    assert_eq!(browser.get(&of_bob).status, 404);
    assert_eq!(browser.post(&of_bob, &[]).status, 404);

    let list = browser.done(&path, &[]);
    assert!(
        list.contains("The device receives all frames at its next sync"),
        "{list}"
    );
    assert_eq!(laptop.sync().received.len(), 1);
    assert_eq!(laptop.project(own), Some("apollo"));

    crick.shared_by_devices_of("alice");
    let page = browser.page(&resend(&id(&alice, "several")));
    assert!(page.contains("This token is shared"), "{page}");
}

fn a_read_only_session_resends_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = Browser::sign_in(&crick, &crick.device("laptop"), "UTC");
    let path = resend(&id(&crick.person("alice"), "laptop"));
    assert!(!browser.page(PATH).contains(&path));
    assert_eq!(browser.get(&path).status, 403);
    assert_eq!(browser.post(&path, &[]).status, 403);
}
