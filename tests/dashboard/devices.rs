//! Tokens are made, shown once and revoked on the page of the devices, by the rules of the API.

use serde_json::{Value, json};

use super::{Browser, after, text};
use crate::support::{Api, Crick, Device, Engine, FrameJson, frame, on_both_engines};

on_both_engines![
    a_token_works_as_it_is_shown_until_it_is_revoked,
    revoking_the_token_of_a_session_signs_out,
    the_device_of_somebody_else_is_not_there,
    nobody_grants_more_than_they_signed_in_with,
    a_device_that_makes_no_sense_is_refused_with_the_form,
    who_may_only_read_makes_and_revokes_no_token,
    a_token_is_created_for_several_devices,
    a_token_used_by_two_devices_is_reported_with_what_to_do,
    a_device_is_sent_everything_again_after_asking,
    who_may_only_read_sends_nothing_again,
    a_frame_that_cannot_be_stored_is_shown_until_it_is_pushed_in_order,
    the_list_of_refused_frames_is_cleared_by_its_owner_only,
    the_newest_hundred_refused_frames_of_a_device_are_shown,
    a_refused_frame_is_shown_for_ninety_days,
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
    assert!(list.contains("Token revoked"), "{list}");
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

fn a_token_is_created_for_several_devices(engine: Engine) {
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
    let shared: Vec<&Value> = tokens["tokens"]
        .as_array()
        .expect("tokens")
        .iter()
        .collect();
    let shared: Vec<&Value> = shared.iter().map(|token| &token["shared"]).collect();
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

fn a_token_used_by_two_devices_is_reported_with_what_to_do(engine: Engine) {
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

fn a_device_is_sent_everything_again_after_asking(engine: Engine) {
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

fn who_may_only_read_sends_nothing_again(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = Browser::sign_in(&crick, &crick.device("laptop"), "UTC");
    let path = resend(&id(&crick.person("alice"), "laptop"));
    assert!(!browser.page(PATH).contains(&path));
    assert_eq!(browser.get(&path).status, 403);
    assert_eq!(browser.post(&path, &[]).status, 403);
}

/// A frame that cannot be stored, and its id as Watson shows it.
fn bad_frame(project: &str) -> (FrameJson, String) {
    let mut frame = frame();
    frame["project"] = json!(project);
    frame["tags"] = json!(["a\u{0}b"]);
    let id = frame["id"].as_str().expect("an id");
    let id = id.replace("urn:uuid:", "").replace('-', "");
    (frame, id)
}

fn a_frame_that_cannot_be_stored_is_shown_until_it_is_pushed_in_order(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    assert!(!browser.page(PATH).contains("could not be stored"));
    let laptop = crick.device("laptop");
    let ((mut bad, id), (other, other_id)) = (bad_frame("apollo <11>"), bad_frame("gemini"));
    let nil = json!({"id": "00000000-0000-0000-0000-000000000000"});
    laptop.push(&[
        frame(),
        bad.clone(),
        other,
        nil,
        json!({"project": "no id"}),
    ]);
    // The same once more, as after an answer that was lost.
    laptop.push(&[bad.clone()]);

    let page = browser.page(PATH);
    assert!(page.contains("Frames that could not be stored"), "{page}");
    for words in [
        "apollo &lt;11&gt; from 2026-03-01T10:00:00+00:00",
        "holds the character NUL",
        &format!("watson edit {id}"),
        &format!("watson remove {id}"),
        "watson remove 00000000000000000000000000000000",
        "its id is missing or nil",
    ] {
        assert!(page.contains(words), "no {words}: {page}");
    }
    assert_eq!(page.matches(&format!("watson edit {id}")).count(), 1);
    assert!(page.contains(&other_id));

    bad["tags"] = json!(["mended"]);
    // Another device's push says nothing about what this one has.
    crick.device("phone").push(&[bad.clone()]);
    assert!(browser.page(PATH).contains(&id));
    laptop.push(&[bad]);
    let page = browser.page(PATH);
    assert!(!page.contains(&id) && page.contains(&other_id), "{page}");
}

fn the_list_of_refused_frames_is_cleared_by_its_owner_only(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let (bad, id) = bad_frame("apollo");
    alice.push(&[bad]);
    let clear = format!("{PATH}/refused/clear");
    let of_bob = Browser::sign_in(&crick, &bob, "UTC");
    assert!(!of_bob.page(PATH).contains(&id));
    of_bob.done(&clear, &[]);
    let reader = Browser::sign_in(&crick, &crick.device("laptop"), "UTC");
    let page = reader.page(PATH);
    assert!(page.contains(&id) && !page.contains(&clear), "{page}");
    assert_eq!(reader.post(&clear, &[]).status, 403);
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let page = browser.page(PATH);
    assert!(page.contains(&id) && page.contains(&clear), "{page}");
    let page = browser.done(&clear, &[]);
    assert!(
        page.contains("List cleared") && !page.contains(&id),
        "{page}"
    );
}

fn the_newest_hundred_refused_frames_of_a_device_are_shown(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (first, first_id) = bad_frame("first");
    alice.push(&[first]);
    let many: Vec<FrameJson> = (0..300).map(|_| bad_frame("apollo").0).collect();
    alice.push(&many);
    let phone = crick.device("phone");
    let (of_phone, id) = bad_frame("phone");
    phone.push(&[of_phone]);
    let page = Browser::sign_in(&crick, &alice, "UTC").page(PATH);
    assert_eq!(page.matches("apollo from").count(), 100);
    assert!(!page.contains(&first_id) && page.contains(&id), "{page}");
    let count = crick.database.number("SELECT count(*) FROM refused_frames");
    assert_eq!(count, 101);
}

fn a_refused_frame_is_shown_for_ninety_days(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (old, id) = bad_frame("old");
    alice.push(&[old]);
    let later = |days: i64| {
        let by = days * 86_400_000_000;
        let sql = format!("UPDATE refused_frames SET refused_at = refused_at - {by}");
        crick.database.execute(&sql);
    };
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    later(89);
    assert!(browser.page(PATH).contains(&id));
    later(2);
    assert!(!browser.page(PATH).contains(&id));
    alice.push(&[bad_frame("new").0]);
    let count = crick.database.number("SELECT count(*) FROM refused_frames");
    assert_eq!(count, 1, "the old one is deleted");
}
