//! Listing a user in a team does not expose their frames.

use serde_json::json;

use super::{accept, busy, change, create, invitation, invitations, logins, seen_of, send};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    an_owner_sees_no_frames_of_users_whom_they_list,
    the_creator_shares_the_listed_projects_and_no_others,
    a_user_who_accepts_shares_the_listed_projects_and_no_others,
    a_user_who_accepts_may_choose_what_to_share,
    a_project_that_is_not_the_teams_cannot_be_shared,
    a_project_added_later_is_shared_by_the_owner_only,
    an_invitation_from_before_the_list_changed_is_404,
    reordering_the_projects_keeps_invitations,
    a_project_that_is_listed_again_is_not_shared_by_old_consent,
];

fn an_owner_sees_no_frames_of_users_whom_they_list(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "secret"], &[&bob]);
    change(&alice, &team, &["apollo", "secret", "gemini"], &[&bob]);
    assert_eq!(seen_of(&crick, "bob"), 0);
    assert_eq!(
        logins(&alice.get(&format!("/teams/{team}")).json()),
        ["alice"]
    );
    assert_eq!(bob.get("/teams").json(), json!({"teams": []}));
    let theirs = format!("/users/me/invitations/{}", invitation(&bob));
    alice
        .request("POST", &format!("{theirs}/accept"), &[])
        .problem(404);
    alice.request("DELETE", &theirs, &[]).problem(404);
    assert_eq!(seen_of(&crick, "bob"), 0);
}

fn the_creator_shares_the_listed_projects_and_no_others(engine: Engine) {
    let crick = Crick::start(engine);
    crick.database.execute("DELETE FROM users");
    let bob = busy(&crick, "bob");
    create(&bob, "crew", &["apollo", "gemini", "not tracked yet"], &[]);
    assert_eq!(seen_of(&crick, "bob"), 3);
}

fn a_user_who_accepts_shares_the_listed_projects_and_no_others(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    create(&alice, "crew", &["apollo", "gemini"], &[&bob]);
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 3);
    assert_eq!(
        logins(&bob.get("/teams").json()["teams"][0]),
        ["alice", "bob"]
    );
    assert!(invitations(&bob).is_empty());
}

fn a_user_who_accepts_may_choose_what_to_share(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "gemini", "secret"], &[&bob]);
    let accept_with = |projects: &[&str]| {
        let path = format!("/users/me/invitations/{}/accept", invitation(&bob));
        let reply = send(&bob, "POST", &path, &json!({"projects": projects}));
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.json()["id"], json!(team));
    };
    accept_with(&["apollo", "gemini", "gemini"]);
    assert_eq!(seen_of(&crick, "bob"), 3);
    // The second choice replaces the first: no longer gemini, but secret.
    let invitee = json!({"user_id": super::id(&bob)});
    let again = send(
        &alice,
        "POST",
        &format!("/teams/{team}/invitations"),
        &invitee,
    );
    assert_eq!(again.status, 201, "{again:?}");
    assert_eq!(seen_of(&crick, "bob"), 3, "being asked changes nothing");
    accept_with(&["apollo", "secret"]);
    assert_eq!(seen_of(&crick, "bob"), 5);
    send(
        &alice,
        "POST",
        &format!("/teams/{team}/invitations"),
        &invitee,
    );
    accept_with(&[]);
    assert_eq!(seen_of(&crick, "bob"), 0);
}

fn a_project_that_is_not_the_teams_cannot_be_shared(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    create(&alice, "crew", &["apollo"], &[&bob]);
    let path = format!("/users/me/invitations/{}/accept", invitation(&bob));
    send(
        &bob,
        "POST",
        &path,
        &json!({"projects": ["apollo", "secret"]}),
    )
    .problem(422);
    send(&bob, "POST", &path, &json!({"projects": "apollo"})).problem(400);
    send(
        &bob,
        "POST",
        &path,
        &json!({"projects": vec!["apollo"; 257]}),
    )
    .problem(400);
    assert_eq!(seen_of(&crick, "bob"), 0, "nothing was agreed to");
    assert_eq!(bob.get("/teams").json(), json!({"teams": []}));
    let reply = send(&bob, "POST", &path, &json!(null));
    assert_eq!(
        reply.status, 200,
        "the invitation is still there: {reply:?}"
    );
    assert_eq!(seen_of(&crick, "bob"), 1);
}

fn a_project_added_later_is_shared_by_the_owner_only(engine: Engine) {
    let crick = Crick::start(engine);
    crick.database.execute("DELETE FROM users");
    let (alice, bob) = (busy(&crick, "alicia"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    change(&alice, &team, &["apollo", "secret"], &[&alice, &bob]);
    assert_eq!(
        seen_of(&crick, "alicia"),
        5,
        "the owner agrees by listing it"
    );
    assert_eq!(seen_of(&crick, "bob"), 1);
    let asked = &invitations(&bob)[0];
    assert_eq!(asked["team"]["projects"], json!(["apollo", "secret"]));
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 5);
    assert!(invitations(&alice).is_empty());
}

fn an_invitation_from_before_the_list_changed_is_404(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "gemini"], &[&bob]);
    for projects in [
        &["apollo", "gemini", "secret"][..],
        &["apollo"],
        &["secret"],
    ] {
        let seen = invitation(&bob);
        change(&alice, &team, projects, &[]);
        super::try_accept(&bob, &seen).problem(404);
        assert_eq!(seen_of(&crick, "bob"), 0);
        assert_eq!(invitations(&bob)[0]["team"]["projects"], json!(projects));
    }
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 4);
}

fn reordering_the_projects_keeps_invitations(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "gemini"], &[&bob]);
    let before = invitation(&bob);
    let changed = change(&alice, &team, &["gemini", "apollo"], &[&bob]);
    assert_eq!(changed["projects"], json!(["gemini", "apollo"]));
    assert_eq!(invitation(&bob), before);
    accept(&bob);
    change(&alice, &team, &["apollo", "gemini"], &[&bob]);
    assert_eq!(seen_of(&crick, "bob"), 3);
    assert!(invitations(&bob).is_empty());
}

fn a_project_that_is_listed_again_is_not_shared_by_old_consent(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "secret"], &[&bob]);
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 5);
    change(&alice, &team, &["apollo"], &[&bob]);
    assert_eq!(seen_of(&crick, "bob"), 1);
    change(&alice, &team, &["apollo", "secret"], &[&bob]);
    assert_eq!(seen_of(&crick, "bob"), 1);
}
