//! Inviting users, and accepting or declining invitations.

use serde_json::json;

use super::{accept, create, id, invitation, invitations, send, text, try_accept};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    an_invitation_shows_the_projects_and_the_members,
    the_owner_sees_pending_invitations,
    inviting_twice_creates_one_invitation,
    a_member_who_shares_everything_cannot_be_invited,
    an_invitation_can_be_accepted_once,
    a_declined_invitation_is_deleted,
    a_member_who_declines_to_share_more_stays_a_member,
    a_revoked_invitation_is_deleted,
    an_invitation_is_revoked_at_its_own_team_only,
    only_the_owner_invites_and_sees_invitations,
];

fn an_invitation_shows_the_projects_and_the_members(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        crick.person("bob"),
        crick.person("carol"),
    );
    let team = create(&alice, "crew", &["gemini", "apollo"], &[&bob, &carol]);
    accept(&bob);
    let owner = json!({"id": id(&alice), "login": "alice", "avatar_url": ""});
    let asked = &invitations(&carol)[0];
    let made = text(&asked["created_at"]);
    assert!(made.starts_with("20") && made.ends_with('Z'), "{made}");
    let expected = json!({
        "id": invitation(&carol),
        "team": {
            "id": team,
            "name": "crew",
            "owner": owner,
            "projects": ["gemini", "apollo"],
            "users": [owner, {"id": id(&bob), "login": "bob", "avatar_url": ""}],
        },
        "created_at": made,
    });
    assert_eq!(asked, &expected);
}

fn the_owner_sees_pending_invitations(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        crick.person("bob"),
        crick.person("carol"),
    );
    let team = create(&alice, "crew", &["apollo"], &[&carol, &bob]);
    accept(&carol);
    let list = alice.get(&format!("/teams/{team}/invitations/")).json();
    let expected = json!({"invitations": [{
        "id": invitation(&bob),
        "user": {"id": id(&bob), "login": "bob", "avatar_url": ""},
        "created_at": invitations(&bob)[0]["created_at"],
    }]});
    assert_eq!(list, expected);
}

fn inviting_twice_creates_one_invitation(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[]);
    let address = format!("/teams/{team}/invitations");
    let invitee = json!({"user_id": id(&bob)});
    let first = send(&alice, "POST", &address, &invitee);
    let second = send(&alice, "POST", &address, &invitee);
    assert_eq!((first.status, second.status), (201, 200));
    assert_eq!(first.json(), second.json());
    assert_eq!(first.json(), json!({"id": invitation(&bob)}));
}

fn a_member_who_shares_everything_cannot_be_invited(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    for who in [&alice, &bob] {
        let invitee = json!({"user_id": id(who)});
        send(
            &alice,
            "POST",
            &format!("/teams/{team}/invitations"),
            &invitee,
        )
        .problem(409);
        assert!(invitations(who).is_empty());
    }
}

fn an_invitation_can_be_accepted_once(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let invitation = invitation(&bob);
    let accepted = try_accept(&bob, &invitation);
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(accepted.json(), bob.get(&format!("/teams/{team}")).json());
    try_accept(&bob, &invitation).problem(404);
}

fn a_declined_invitation_is_deleted(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let invitation = invitation(&bob);
    let decline = format!("/users/me/invitations/{invitation}");
    let reply = bob.request("DELETE", &decline, &[]);
    assert_eq!((reply.status, reply.body.len()), (204, 0), "{reply:?}");
    bob.request("DELETE", &decline, &[]).problem(404);
    try_accept(&bob, &invitation).problem(404);
    let left = alice.get(&format!("/teams/{team}/invitations")).json();
    assert_eq!(left, json!({"invitations": []}));
}

fn a_member_who_declines_to_share_more_stays_a_member(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), super::busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    accept(&bob);
    super::change(&alice, &team, &["apollo", "secret"], &[&bob]);
    let decline = format!("/users/me/invitations/{}", invitation(&bob));
    assert_eq!(bob.request("DELETE", &decline, &[]).status, 204);
    assert_eq!(super::seen_of(&crick, "bob"), 1);
    assert_eq!(bob.get(&format!("/teams/{team}")).status, 200);
}

fn a_revoked_invitation_is_deleted(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let invitation = invitation(&bob);
    let withdraw = format!("/teams/{team}/invitations/{invitation}");
    bob.request("DELETE", &withdraw, &[]).problem(404);
    assert_eq!(alice.request("DELETE", &withdraw, &[]).status, 204);
    alice.request("DELETE", &withdraw, &[]).problem(404);
    try_accept(&bob, &invitation).problem(404);
    assert!(invitations(&bob).is_empty());
}

fn an_invitation_is_revoked_at_its_own_team_only(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        crick.person("bob"),
        crick.person("carol"),
    );
    create(&alice, "crew", &["apollo"], &[&bob]);
    let other = create(&carol, "crew", &["apollo"], &[]);
    let crossed = format!("/teams/{other}/invitations/{}", invitation(&bob));
    carol.request("DELETE", &crossed, &[]).problem(404);
    assert_eq!(invitations(&bob).len(), 1);
}

fn only_the_owner_invites_and_sees_invitations(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, carol) = (
        crick.person("alice"),
        crick.person("bob"),
        crick.person("carol"),
    );
    let team = create(&alice, "crew", &["apollo"], &[&bob, &carol]);
    accept(&bob);
    let address = format!("/teams/{team}/invitations");
    bob.get(&address).problem(403);
    send(&bob, "POST", &address, &json!({"user_id": id(&carol)})).problem(403);
    let theirs = format!("{address}/{}", invitation(&carol));
    bob.request("DELETE", &theirs, &[]).problem(403);
    assert_eq!(invitations(&carol).len(), 1);
}
