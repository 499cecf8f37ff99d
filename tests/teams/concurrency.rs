//! Concurrent requests of several users, or of one with several windows.

use std::sync::Barrier;

use serde_json::json;

use super::{change, create, id, invitation, invitations, send, try_accept};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    of_two_concurrent_accepts_one_succeeds,
    accepting_while_the_projects_change_shares_only_what_was_shown,
    concurrent_creations_with_one_name_create_one_team,
    concurrent_deletions_of_users_and_teams_break_nothing,
];

/// Runs both concurrently.
fn both<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    let start = Barrier::new(2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            start.wait();
            other()
        });
        start.wait();
        (one(), other.join().expect("no panic"))
    })
}

fn of_two_concurrent_accepts_one_succeeds(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    for round in 0..10 {
        let team = create(&alice, &format!("crew {round}"), &["apollo"], &[&bob]);
        let invitation = invitation(&bob);
        let accept = || try_accept(&bob, &invitation).status;
        let (one, other) = both(accept, accept);
        assert_eq!([one.min(other), one.max(other)], [200, 404]);
        let shown = bob.get(&format!("/teams/{team}")).json();
        assert_eq!(super::logins(&shown), ["alice", "bob"]);
    }
}

fn accepting_while_the_projects_change_shares_only_what_was_shown(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), super::busy(&crick, "bob"));
    for round in 0..15 {
        let team = create(&alice, &format!("team {round}"), &["apollo"], &[&bob]);
        let seen = invitation(&bob);
        let (accepted, _) = both(
            || try_accept(&bob, &seen).status,
            || change(&alice, &team, &["apollo", "secret"], &[&bob]),
        );
        let shared = super::seen_of(&crick, "bob");
        assert_eq!(
            shared,
            i64::from(accepted == 200),
            "round {round}: {accepted}"
        );
        assert_eq!(invitations(&bob).len(), 1, "asked about the new list");
        assert_eq!(
            alice
                .request("DELETE", &format!("/teams/{team}"), &[])
                .status,
            204
        );
    }
}

fn concurrent_creations_with_one_name_create_one_team(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let body = json!({"name": "crew", "projects": ["apollo"]});
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| send(&alice, "POST", "/teams", &body).status))
            .collect();
        let statuses = threads.into_iter().map(|thread| thread.join());
        statuses.map(|status| status.expect("no panic")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

fn concurrent_deletions_of_users_and_teams_break_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for round in 0..8 {
        let (owner, member) = (
            crick.person(&format!("owner{round}")),
            super::busy(&crick, &format!("member{round}")),
        );
        let team = create(&owner, "crew", &["apollo", "gemini"], &[&member, &alice]);
        let path = format!("/teams/{team}");
        let member_id = id(&member);
        let body = json!({"id": team, "name": "crew", "projects": ["secret", "apollo"], "user_ids": [member_id]});
        let seen = invitation(&member);
        if round % 2 == 0 {
            super::accept(&member);
        }
        let goes = || member.request("DELETE", "/users/me", &[]).status;
        let (gone, changed) = match round % 4 {
            // A member or an invited user is deleted while the team is updated.
            0 | 1 => both(goes, || send(&owner, "PUT", &path, &body).status),
            // The owner is deleted while a user accepts, or while the team is updated.
            2 => both(
                || owner.request("DELETE", "/users/me", &[]).status,
                || send(&owner, "PUT", &path, &body).status,
            ),
            _ => both(
                || owner.request("DELETE", "/users/me", &[]).status,
                || try_accept(&member, &seen).status,
            ),
        };
        assert_eq!(gone, 204, "round {round}");
        assert!(
            [200, 401, 404, 422].contains(&changed),
            "round {round}: {changed}"
        );
    }
    for table in ["team_members", "team_shares", "team_invitations"] {
        let orphans = crick.database.number(&format!(
            "SELECT count(*) FROM {table} x WHERE NOT EXISTS (SELECT 1 FROM users u WHERE u.id = x.user_id) \
             OR NOT EXISTS (SELECT 1 FROM teams t WHERE t.id = x.team_id)"
        ));
        assert_eq!(orphans, 0, "{table}");
    }
}
