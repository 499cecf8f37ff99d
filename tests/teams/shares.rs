//! A member sees and changes what they share.

use serde_json::{Value, json};

use super::{accept, busy, change, create, invitations, seen_of, send};
use crate::support::{Api, Crick, Engine, Reply, on_both_engines};

on_both_engines![
    a_member_sees_what_they_share_in_the_teams_order,
    a_member_may_share_less_or_more_at_any_time,
    changing_shares_deletes_an_invitation_to_share_more,
    sharing_a_project_that_is_not_the_teams_changes_nothing,
    only_members_change_shares,
    projects_that_the_owner_does_not_share_stay_unshared,
];

fn path(team: &str) -> String {
    format!("/teams/{team}/members/me")
}

#[track_caller]
fn shared(who: &Api, team: &str) -> Value {
    who.get(&path(team)).ok(200)
}

#[track_caller]
fn try_share(who: &Api, team: &str, projects: &[&str]) -> Reply {
    send(who, "PUT", &path(team), &json!({"projects": projects}))
}

#[track_caller]
fn share(who: &Api, team: &str, projects: &[&str]) -> Value {
    try_share(who, team, projects).ok(200)
}

fn a_member_sees_what_they_share_in_the_teams_order(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["secret", "gemini", "apollo"], &[&bob]);
    let invitation = super::invitation(&bob);
    let accept = format!("/users/me/invitations/{invitation}/accept");
    let choice = json!({"projects": ["apollo", "secret"]});
    assert_eq!(send(&bob, "POST", &accept, &choice).status, 200);
    let expected = json!({"projects": ["secret", "apollo"]});
    assert_eq!(shared(&bob, &team), expected);
    let all = json!({"projects": ["secret", "gemini", "apollo"]});
    assert_eq!(shared(&alice, &team), all);
    change(&alice, &team, &["apollo", "gemini"], &[&bob]);
    assert_eq!(shared(&bob, &team), json!({"projects": ["apollo"]}));
    let other = create(&bob, "other", &[], &[]);
    assert_eq!(shared(&bob, &other), json!({"projects": []}));
}

fn a_member_may_share_less_or_more_at_any_time(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "gemini", "secret"], &[&bob]);
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 7);
    for (choice, answer, seen) in [
        (
            &["gemini", "apollo", "gemini"][..],
            &["apollo", "gemini"][..],
            3,
        ),
        (&["secret"], &["secret"], 4),
        (&[], &[], 0),
        (&["secret", "apollo"], &["apollo", "secret"], 5),
    ] {
        assert_eq!(share(&bob, &team, choice), json!({"projects": answer}));
        assert_eq!(shared(&bob, &team), json!({"projects": answer}));
        assert_eq!(seen_of(&crick, "bob"), seen);
    }
    let all = json!({"projects": ["apollo", "gemini", "secret"]});
    assert_eq!(shared(&alice, &team), all, "nobody else's is changed");
}

fn changing_shares_deletes_an_invitation_to_share_more(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    create(&alice, "other", &["apollo"], &[]);
    accept(&bob);
    let other = create(&alice, "another", &["gemini"], &[&bob]);
    change(&alice, &team, &["apollo", "secret"], &[&bob]);
    assert_eq!(invitations(&bob).len(), 2);
    share(&bob, &team, &["apollo"]);
    let left = invitations(&bob);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["team"]["id"], json!(other));
    assert_eq!(seen_of(&crick, "bob"), 1);
}

fn sharing_a_project_that_is_not_the_teams_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "gemini"], &[&bob]);
    accept(&bob);
    share(&bob, &team, &["apollo"]);
    for other in ["secret", "Gemini", "", "a\u{0}"] {
        try_share(&bob, &team, &["gemini", other]).problem(422);
    }
    try_share(&bob, &team, &["apollo"; 257]).problem(400);
    for body in [
        json!({}),
        json!({"projects": null}),
        json!({"projects": "gemini"}),
        json!({"projects": [], "project": []}),
        json!(["gemini"]),
    ] {
        send(&bob, "PUT", &path(&team), &body).problem(400);
    }
    assert_eq!(shared(&bob, &team), json!({"projects": ["apollo"]}));
    assert_eq!(seen_of(&crick, "bob"), 1);
}

fn only_members_change_shares(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    bob.get(&path(&team)).problem(404);
    try_share(&bob, &team, &["apollo"]).problem(404);
    assert_eq!(invitations(&bob).len(), 1, "it is not answered");
    accept(&bob);
    assert_eq!(bob.request("DELETE", &path(&team), &[]).status, 204);
    bob.get(&path(&team)).problem(404);
    try_share(&bob, &team, &["apollo"]).problem(404);
    assert_eq!(seen_of(&crick, "bob"), 0);
}

fn projects_that_the_owner_does_not_share_stay_unshared(engine: Engine) {
    let crick = Crick::start(engine);
    let bob = busy(&crick, "bob");
    let team = create(&bob, "crew", &["apollo", "secret"], &[]);
    share(&bob, &team, &["apollo"]);
    change(&bob, &team, &["secret", "gemini", "apollo"], &[]);
    let expected = json!({"projects": ["gemini", "apollo"]});
    assert_eq!(shared(&bob, &team), expected);
    assert_eq!(seen_of(&crick, "bob"), 3);
}
