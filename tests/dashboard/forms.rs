//! The forms of a team.

use super::teams::team;
use super::{Browser, text};
use crate::support::{Crick, Engine, batch, on_both_engines};

on_both_engines![
    a_team_is_created_updated_and_deleted_by_its_owner,
    a_member_changes_their_sharing_and_leaves,
    a_name_with_a_line_end_survives_the_forms,
    a_form_without_the_sessions_token_does_nothing,
    a_read_only_session_changes_nothing,
];

fn a_team_is_created_updated_and_deleted_by_its_owner(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let page = browser.done(
        "/dashboard/teams",
        &[("name", "crew"), ("add", "apollo\r\n\r\n  gemini \r\n")],
    );
    assert!(page.contains("Team created."), "{page}");
    let made = alice.get("/teams").ok(200)["teams"][0].clone();
    assert_eq!(made["projects"], serde_json::json!(["apollo", "gemini"]));
    let address = format!("/dashboard/teams/{}", made["id"].as_str().expect("an id"));
    let path = |what: &str| format!("{address}/{what}");

    let id = bob.get("/users/me").ok(200)["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let found = browser.page(&format!("{address}?q=BO"));
    assert!(found.contains(&format!("value=\"{id}\"")), "{found}");
    assert!(
        browser
            .done(&path("invite"), &[("user", &id)])
            .contains("Invitation sent")
    );
    let invitation = bob.get("/users/me/invitations").ok(200)["invitations"][0]["id"].clone();
    let invitation = invitation.as_str().expect("an id").to_owned();
    browser.done(&path("withdraw"), &[("invitation", &invitation)]);
    assert_eq!(
        bob.get("/users/me/invitations").ok(200)["invitations"],
        serde_json::json!([])
    );

    browser.done(&path("invite"), &[("user", &id)]);
    let theirs = Browser::sign_in(&crick, &bob, "UTC");
    let invitation = bob.get("/users/me/invitations").ok(200)["invitations"][0]["id"].clone();
    let invitation = invitation.as_str().expect("an id").to_owned();
    theirs.done(
        &format!("/dashboard/invitations/{invitation}/accept"),
        &[("share", "all")],
    );

    // Members stay.
    browser.done(
        &address,
        &[
            ("name", "moon crew"),
            ("project", "apollo"),
            ("add", "mercury"),
        ],
    );
    let changed = alice.get("/teams").ok(200)["teams"][0].clone();
    assert_eq!(changed["name"], "moon crew");
    assert_eq!(
        changed["projects"],
        serde_json::json!(["apollo", "mercury"])
    );
    assert_eq!(changed["users"].as_array().map(Vec::len), Some(2));

    browser.done(&path("remove"), &[("user", &id)]);
    assert_eq!(bob.get("/teams").ok(200)["teams"], serde_json::json!([]));
    assert_eq!(browser.post(&path("delete"), &[]).status, 400);
    assert!(
        browser
            .done(&path("delete"), &[("confirm", "yes")])
            .contains("Team deleted")
    );
    assert_eq!(alice.get("/teams").ok(200)["teams"], serde_json::json!([]));
    assert_eq!(
        browser.post("/dashboard/teams", &[("name", " ")]).status,
        400
    );
}

fn a_member_changes_their_sharing_and_leaves(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    bob.push(&batch("apollo", 1));
    let team = team(&alice, &bob);
    let address = format!("/dashboard/teams/{team}");
    let browser = Browser::sign_in(&crick, &bob, "UTC");
    let shared = || bob.get(&format!("/teams/{team}/members/me")).ok(200)["projects"].clone();
    browser.done(&format!("{address}/share"), &[("project", "gemini")]);
    assert_eq!(shared(), serde_json::json!(["gemini"]));
    browser.done(&format!("{address}/share"), &[]);
    assert_eq!(shared(), serde_json::json!([]));
    let reply = browser.post(&format!("{address}/share"), &[("project", "other")]);
    assert_eq!(reply.status, 422);
    assert!(
        browser
            .done(&format!("{address}/leave"), &[])
            .contains("You left the team")
    );
    assert_eq!(bob.get("/teams").ok(200)["teams"], serde_json::json!([]));
    let owner = Browser::sign_in(&crick, &alice, "UTC");
    assert_eq!(owner.post(&format!("{address}/leave"), &[]).status, 409);
}

fn a_form_without_the_sessions_token_does_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = team(&alice, &bob);
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let id = bob.get("/users/me").ok(200)["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    for (path, fields) in [
        ("/dashboard/teams".to_owned(), vec![("name", "other")]),
        (format!("/dashboard/teams/{team}"), vec![("name", "other")]),
        (format!("/dashboard/teams/{team}/share"), vec![]),
        (format!("/dashboard/teams/{team}/leave"), vec![]),
        (
            format!("/dashboard/teams/{team}/invite"),
            vec![("user", id.as_str())],
        ),
        (
            format!("/dashboard/teams/{team}/withdraw"),
            vec![("invitation", id.as_str())],
        ),
        (
            format!("/dashboard/teams/{team}/remove"),
            vec![("user", id.as_str())],
        ),
        (
            format!("/dashboard/teams/{team}/delete"),
            vec![("confirm", "yes")],
        ),
        (format!("/dashboard/invitations/{id}/accept"), vec![]),
        (format!("/dashboard/invitations/{id}/decline"), vec![]),
    ] {
        assert_eq!(browser.send(&path, &fields).status, 403, "{path}");
        let wrong = [&fields[..], &[("csrf", "x")]].concat();
        assert_eq!(browser.send(&path, &wrong).status, 403, "{path}");
    }
    let after = alice.get("/teams").ok(200);
    assert_eq!(after["teams"].as_array().map(Vec::len), Some(1));
    assert_eq!(after["teams"][0]["users"].as_array().map(Vec::len), Some(2));
}

fn a_read_only_session_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = team(&alice, &bob);
    let browser = Browser::sign_in(&crick, &crick.device("laptop"), "UTC");
    let page = browser.page(&format!("/dashboard/teams/{team}"));
    assert!(
        !page.contains("/share\"") && !page.contains("/delete\""),
        "{page}"
    );
    let reply = browser.post(
        &format!("/dashboard/teams/{team}/delete"),
        &[("confirm", "yes")],
    );
    assert_eq!(reply.status, 403);
    assert!(text(reply).contains("read-only token"));
}

/// The values of the project checkboxes of a page as a browser sends them, with CR LF.
fn choices(page: &str) -> Vec<String> {
    let after = page.split("name=\"project\" value=\"").skip(1);
    let values = after.map(|rest| rest.split('"').next().expect("an end"));
    values
        .map(|value| value.replace("\r\n", "\n").replace('\n', "\r\n"))
        .collect()
}

fn a_name_with_a_line_end_survives_the_forms(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&batch("a\nb", 1));
    let projects = serde_json::json!(["a\nb", "100 %"]);
    let team = serde_json::json!({"name": "crew", "projects": projects, "user_ids": []});
    let id = alice.send("POST", "/teams", &team).ok(201)["id"].clone();
    let id = id.as_str().expect("an id");
    let address = format!("/dashboard/teams/{id}");
    let seen =
        || alice.get(&format!("/frames?teamId={id}")).ok(200)["meta"]["page"]["count"].clone();
    assert_eq!(seen(), 1, "the owner shares from the start");

    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let chosen = choices(&browser.page(&address));
    let mut fields = vec![("name", "crew")];
    // The owner's form and the sharing form have the same checkboxes.
    fields.extend(chosen[..2].iter().map(|value| ("project", value.as_str())));
    browser.done(&address, &fields);
    assert_eq!(
        alice.get(&format!("/teams/{id}")).ok(200)["projects"],
        projects
    );
    assert_eq!(seen(), 1);
    let share = format!("{address}/share");
    browser.done(&share, &[]);
    assert_eq!(seen(), 0);
    browser.done(&share, &fields[1..]);
    assert_eq!(seen(), 1);
}
