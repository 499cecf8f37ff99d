//! How a membership ends: by leaving, by removal, or by deletion of the member or the owner.

use serde_json::json;

use super::{
    accept, busy, change, create, id, invitation, invitations, logins, seen_of, try_accept,
};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    leaving_ends_sharing_at_once,
    the_owner_cannot_leave_or_be_removed,
    the_owner_removes_a_member,
    a_member_cannot_remove_members,
    a_user_who_is_not_a_member_cannot_be_removed,
    a_user_who_left_can_be_invited_again_and_shares_only_what_they_accept_then,
    a_deleted_user_is_in_no_team,
    the_teams_of_a_deleted_owner_are_deleted,
];

fn leaving_ends_sharing_at_once(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    change(&alice, &team, &["apollo", "secret"], &[&bob]);
    let to_share_more = invitation(&bob);
    let leave = format!("/teams/{team}/members/me");
    let reply = bob.request("DELETE", &leave, &[]);
    assert_eq!((reply.status, reply.body.len()), (204, 0), "{reply:?}");
    assert_eq!(seen_of(&crick, "bob"), 0);
    assert_eq!(
        crick.database.number("SELECT count(*) FROM team_shares"),
        2,
        "alice's own"
    );
    assert_eq!(
        logins(&alice.get(&format!("/teams/{team}")).json()),
        ["alice"]
    );
    bob.get(&format!("/teams/{team}")).problem(404);
    bob.request("DELETE", &leave, &[]).problem(404);
    assert!(invitations(&bob).is_empty());
    try_accept(&bob, &to_share_more).problem(404);
}

fn the_owner_cannot_leave_or_be_removed(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let team = create(&alice, "crew", &["apollo"], &[]);
    for who in ["me", &id(&alice)] {
        let reply = alice.request("DELETE", &format!("/teams/{team}/members/{who}"), &[]);
        let detail = reply.problem(409);
        assert!(detail.contains("delete"), "{detail}");
    }
    assert_eq!(
        logins(&alice.get(&format!("/teams/{team}")).json()),
        ["alice"]
    );
}

fn the_owner_removes_a_member(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    let member = format!("/teams/{team}/members/{}/", id(&bob));
    assert_eq!(alice.request("DELETE", &member, &[]).status, 204);
    assert_eq!(seen_of(&crick, "bob"), 0);
    bob.get(&format!("/teams/{team}")).problem(404);
    alice.request("DELETE", &member, &[]).problem(404);
}

fn a_member_cannot_remove_members(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        crick.person("bob"),
        crick.person("carol"),
    );
    let team = create(&alice, "crew", &["apollo"], &[&bob, &carol]);
    accept(&bob);
    accept(&carol);
    for who in [&alice, &carol] {
        let member = format!("/teams/{team}/members/{}", id(who));
        bob.request("DELETE", &member, &[]).problem(403);
    }
    let shown = alice.get(&format!("/teams/{team}")).json();
    assert_eq!(logins(&shown), ["alice", "bob", "carol"]);
}

fn a_user_who_is_not_a_member_cannot_be_removed(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let member = format!("/teams/{team}/members/{}", id(&bob));
    alice.request("DELETE", &member, &[]).problem(404);
    assert_eq!(invitations(&bob).len(), 1, "what failed changed nothing");
}

fn a_user_who_left_can_be_invited_again_and_shares_only_what_they_accept_then(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "secret"], &[&bob]);
    accept(&bob);
    bob.request("DELETE", &format!("/teams/{team}/members/me"), &[]);
    change(&alice, &team, &["apollo"], &[&bob]);
    assert_eq!(seen_of(&crick, "bob"), 0);
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 1);
}

fn a_deleted_user_is_in_no_team(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        busy(&crick, "bob"),
        crick.person("carol"),
    );
    let team = create(&alice, "crew", &["apollo"], &[&bob, &carol]);
    accept(&bob);
    for gone in [&bob, &carol] {
        assert_eq!(gone.request("DELETE", "/users/me", &[]).status, 204);
    }
    let shown = alice.get(&format!("/teams/{team}")).json();
    assert_eq!(logins(&shown), ["alice"]);
    let left = alice.get(&format!("/teams/{team}/invitations")).json();
    assert_eq!(left, json!({"invitations": []}));
}

fn the_teams_of_a_deleted_owner_are_deleted(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    create(&alice, "other", &["apollo"], &[&bob]);
    assert_eq!(alice.request("DELETE", "/users/me", &[]).status, 204);
    assert_eq!(bob.get("/teams").json(), json!({"teams": []}));
    assert!(invitations(&bob).is_empty());
    assert_eq!(seen_of(&crick, "bob"), 0);
}
