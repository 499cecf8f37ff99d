//! Updating a team.

use serde_json::json;

use super::{accept, busy, change, create, id, invitation, invitations, logins, seen_of, send};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    an_update_returns_the_team_as_it_is_now,
    members_who_are_not_listed_are_removed_but_never_the_owner,
    listed_users_who_are_not_members_are_invited,
    pending_invitations_stay_when_the_list_of_members_is_sent_back,
    a_removed_member_cannot_return_with_an_old_invitation,
    only_the_owner_changes_or_deletes_a_team,
    deleting_a_team_ends_what_was_shared_with_it,
];

fn an_update_returns_the_team_as_it_is_now(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        crick.person("bob"),
        crick.person("carol"),
    );
    let team = create(&alice, "team", &["apollo"], &[&bob, &carol]);
    accept(&bob);
    accept(&carol);
    let changed = change(&alice, &team, &["gemini", "apollo"], &[&carol]);
    assert_eq!(changed, alice.get(&format!("/teams/{team}")).json());
    assert_eq!(changed["name"], "crew");
    assert_eq!(changed["projects"], json!(["gemini", "apollo"]));
    assert_eq!(logins(&changed), ["alice", "carol"]);
}

fn members_who_are_not_listed_are_removed_but_never_the_owner(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    assert_eq!(
        logins(&change(&alice, &team, &["apollo"], &[&bob])),
        ["alice", "bob"]
    );
    assert_eq!(logins(&change(&alice, &team, &["apollo"], &[])), ["alice"]);
    assert_eq!(seen_of(&crick, "bob"), 0);
    bob.get(&format!("/teams/{team}")).problem(404);
    assert!(invitations(&bob).is_empty());
}

fn listed_users_who_are_not_members_are_invited(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[]);
    assert_eq!(
        logins(&change(&alice, &team, &["apollo"], &[&bob])),
        ["alice"]
    );
    let asked = invitation(&bob);
    change(&alice, &team, &["apollo"], &[&bob]);
    assert_eq!(invitation(&bob), asked, "once is enough");
    assert_eq!(seen_of(&crick, "bob"), 0);
    accept(&bob);
    assert_eq!(seen_of(&crick, "bob"), 1);
}

fn pending_invitations_stay_when_the_list_of_members_is_sent_back(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let before = invitation(&bob);
    change(&alice, &team, &["apollo"], &[&alice]);
    assert_eq!(invitation(&bob), before);
    change(&alice, &team, &["apollo", "gemini"], &[&alice]);
    assert_ne!(invitation(&bob), before);
}

fn a_removed_member_cannot_return_with_an_old_invitation(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    change(&alice, &team, &["apollo", "secret"], &[&bob]);
    let to_share_more = invitation(&bob);
    change(&alice, &team, &["apollo", "secret", "gemini"], &[]);
    assert!(invitations(&bob).is_empty());
    super::try_accept(&bob, &to_share_more).problem(404);
    assert_eq!(seen_of(&crick, "bob"), 0);
}

fn only_the_owner_changes_or_deletes_a_team(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    let address = format!("/teams/{team}");
    let body = json!({"id": team, "name": "mine", "projects": ["secret"], "user_ids": [id(&bob)]});
    let detail = send(&bob, "PUT", &address, &body).problem(403);
    assert!(detail.starts_with("Not allowed"), "{detail}");
    bob.request("DELETE", &address, &[]).problem(403);
    let shown = alice.get(&address).json();
    assert_eq!(
        (&shown["name"], &shown["projects"]),
        (&json!("crew"), &json!(["apollo"]))
    );
}

fn deleting_a_team_ends_what_was_shared_with_it(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        busy(&crick, "bob"),
        crick.person("carol"),
    );
    let team = create(&alice, "crew", &["apollo"], &[&bob, &carol]);
    accept(&bob);
    let address = format!("/teams/{team}/");
    let reply = alice.request("DELETE", &address, &[]);
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    alice.get(&address).problem(404);
    alice.request("DELETE", &address, &[]).problem(404);
    assert_eq!(bob.get("/teams").json(), json!({"teams": []}));
    assert!(invitations(&carol).is_empty());
    assert_eq!(seen_of(&crick, "bob"), 0);
    for table in [
        "team_projects",
        "team_members",
        "team_shares",
        "team_invitations",
    ] {
        let rows = crick
            .database
            .number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(rows, 0, "{table}");
    }
}
