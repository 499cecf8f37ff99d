//! Invitations are shown, accepted and declined.

use serde_json::json;

use super::Browser;
use crate::support::{Api, Crick, Engine, on_both_engines};

on_both_engines![
    an_invitation_names_team_owner_and_projects,
    only_selected_projects_are_shared,
    a_declined_invitation_is_gone,
];

/// Invites bob to a team of alice's, and returns the invitation's id.
fn invite(alice: &Api, bob: &Api) -> String {
    let id = bob.get("/users/me").ok(200)["id"].clone();
    let body = json!({"name": "crew", "projects": ["apollo", "gemini"], "user_ids": [id]});
    assert_eq!(alice.send("POST", "/teams", &body).status, 201);
    let invitations = bob.get("/users/me/invitations").ok(200);
    let id = invitations["invitations"][0]["id"].as_str();
    id.expect("an id").to_owned()
}

fn an_invitation_names_team_owner_and_projects(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let id = invite(&alice, &bob);
    let browser = Browser::sign_in(&crick, &bob, "UTC");
    let page = browser.page("/dashboard/invitations");
    for words in ["crew", "alice", "apollo", "gemini", &id] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // Names are isolated, so that none can reverse the text around it.
    for name in ["crew", "alice", "apollo", "gemini"] {
        assert!(page.contains(&format!("<bdi>{name}</bdi>")), "{page}");
    }
    // Nothing is preselected, and the navigation shows the pending invitation.
    assert!(!page.contains("checked"), "{page}");
    assert!(page.contains("class=\"badge\""), "{page}");
    let hers = Browser::sign_in(&crick, &alice, "UTC").page("/dashboard/invitations");
    assert!(
        !hers.contains("crew") && !hers.contains("class=\"badge\""),
        "{hers}"
    );
}

fn only_selected_projects_are_shared(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let id = invite(&alice, &bob);
    let path = format!("/dashboard/invitations/{id}/accept");
    let browser = Browser::sign_in(&crick, &bob, "UTC");
    let hers = Browser::sign_in(&crick, &alice, "UTC");
    assert_eq!(hers.post(&path, &[("share", "all")]).status, 404);
    assert_eq!(
        browser
            .post(&path, &[("share", "chosen"), ("project", "other")])
            .status,
        422
    );
    let page = browser.done(&path, &[("share", "chosen"), ("project", "gemini")]);
    assert!(page.contains("You joined the team."), "{page}");
    let team = bob.get("/teams").ok(200)["teams"][0]["id"].clone();
    let team = team.as_str().expect("an id").to_owned();
    let shared = bob.get(&format!("/teams/{team}/members/me")).ok(200);
    assert_eq!(shared["projects"], json!(["gemini"]));
    assert_eq!(browser.post(&path, &[("share", "all")]).status, 404);
}

fn a_declined_invitation_is_gone(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let id = invite(&alice, &bob);
    let browser = Browser::sign_in(&crick, &bob, "UTC");
    let page = browser.done(&format!("/dashboard/invitations/{id}/decline"), &[]);
    assert!(page.contains("Invitation declined."), "{page}");
    assert_eq!(
        bob.get("/users/me/invitations").ok(200)["invitations"],
        json!([])
    );
    assert_eq!(bob.get("/teams").ok(200)["teams"], json!([]));
}
