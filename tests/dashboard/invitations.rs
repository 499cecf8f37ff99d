//! Invitations: what one is asked for, and the answer.

use serde_json::json;

use super::Browser;
use crate::support::{Api, Crick, Engine, on_both_engines};

on_both_engines![
    an_invitation_says_what_would_be_shared_with_whom,
    what_is_ticked_is_shared_and_nothing_else,
    an_invitation_is_declined_and_gone,
];

/// Invites bob to a team of alice's, and answers the invitation's id.
fn invite(alice: &Api, bob: &Api) -> String {
    let id = bob.get("/users/me").ok(200)["id"].clone();
    let body = json!({"name": "crew", "projects": ["apollo", "gemini"], "user_ids": [id]});
    assert_eq!(alice.send("POST", "/teams", &body).status, 201);
    let invitations = bob.get("/users/me/invitations").ok(200);
    let id = invitations["invitations"][0]["id"].as_str();
    id.expect("an id").to_owned()
}

fn an_invitation_says_what_would_be_shared_with_whom(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let id = invite(&alice, &bob);
    let browser = Browser::sign_in(&crick, &bob, "UTC");
    let page = browser.page("/dashboard/invitations");
    for words in ["crew", "alice", "apollo", "gemini", &id] {
        assert!(page.contains(words), "{words}: {page}");
    }
    // No name can turn the text around it: each stands apart.
    for name in ["crew", "alice", "apollo", "gemini"] {
        assert!(page.contains(&format!("<bdi>{name}</bdi>")), "{page}");
    }
    // Nothing is ticked beforehand, and the navigation says that one waits.
    assert!(!page.contains("checked"), "{page}");
    assert!(page.contains("class=\"badge\""), "{page}");
    let hers = Browser::sign_in(&crick, &alice, "UTC").page("/dashboard/invitations");
    assert!(
        !hers.contains("crew") && !hers.contains("class=\"badge\""),
        "{hers}"
    );
}

fn what_is_ticked_is_shared_and_nothing_else(engine: Engine) {
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

fn an_invitation_is_declined_and_gone(engine: Engine) {
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
