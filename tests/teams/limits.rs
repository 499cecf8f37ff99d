//! Limits on the teams and invitations of one owner.

use std::thread;

use serde_json::{Value, json};

use super::{accept, create, id, invitation, invitations, send};
use crate::support::{Api, Crick, Engine, on_both_engines};

on_both_engines![
    a_user_owns_at_most_a_hundred_teams,
    a_user_has_at_most_twenty_pending_invitations_from_one_owner,
    an_invitation_that_is_renewed_counts_once,
    limits_hold_for_concurrent_requests,
];

fn a_user_owns_at_most_a_hundred_teams(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    // A team of which the user is only a member does not count.
    create(&bob, "bob's", &[], &[&alice]);
    accept(&alice);
    for number in 0..100 {
        create(&alice, &number.to_string(), &[], &[]);
    }
    let one_more = json!({"name": "one more"});
    let detail = send(&alice, "POST", "/teams", &one_more).problem(422);
    assert_eq!(detail, "one may own at most 100 teams");
    assert_eq!(teams(&alice).len(), 101);
    let taken = json!({"name": "0"});
    send(&alice, "POST", "/teams", &taken).problem(409);
    create(&bob, "one more", &[], &[]);
    let first = teams(&alice)
        .into_iter()
        .find(|team| team["name"] == "0")
        .expect("a team");
    let path = format!("/teams/{}", first["id"].as_str().expect("an id"));
    assert_eq!(alice.request("DELETE", &path, &[]).status, 204);
    create(&alice, "one more", &[], &[]);
}

fn a_user_has_at_most_twenty_pending_invitations_from_one_owner(engine: Engine) {
    let crick = Crick::start(engine);
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|login| crick.person(login));
    for number in 0..20 {
        create(&alice, &number.to_string(), &["apollo"], &[&bob]);
    }
    let team = create(&alice, "crew", &["apollo"], &[]);
    let address = format!("/teams/{team}");
    let both = json!([id(&carol), id(&bob)]);
    let new = json!({"name": "new", "user_ids": both});
    let changed = json!({"id": team, "name": "changed", "user_ids": both});
    let invitee = json!({"user_id": id(&bob)});
    let asking = [
        ("POST", "/teams".to_owned(), new),
        ("PUT", address.clone(), changed.clone()),
        ("POST", format!("{address}/invitations"), invitee.clone()),
    ];
    for (method, path, body) in &asking {
        let detail = send(&alice, method, path, body).problem(422);
        assert_eq!(
            detail,
            "a person may have at most 20 invitations from one owner that they have not answered"
        );
    }
    assert_eq!(invitations(&bob).len(), 20);
    assert!(invitations(&carol).is_empty(), "nothing was done");
    assert_eq!(alice.get(&address).json()["name"], "crew");
    assert_eq!(teams(&alice).len(), 21);

    // The limit is per owner and invited user, and counts pending invitations only.
    create(&carol, "crew", &["apollo"], &[&bob]);
    create(&alice, "more", &["apollo"], &[&carol]);
    let path = format!(
        "/users/me/invitations/{}",
        invitations(&bob)[0]["id"].as_str().expect("an id")
    );
    assert_eq!(bob.request("DELETE", &path, &[]).status, 204);
    let asked = send(&alice, "PUT", &address, &changed);
    assert_eq!(asked.status, 200, "{asked:?}");
    assert_eq!(invitations(&bob).len(), 21);
}

fn an_invitation_that_is_renewed_counts_once(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let before = invitation(&bob);
    for number in 1..20 {
        create(&alice, &number.to_string(), &["apollo"], &[&bob]);
    }
    super::change(&alice, &team, &["apollo", "gemini"], &[&bob]);
    let list = invitations(&bob);
    assert_eq!(list.len(), 20);
    assert!(list.iter().all(|asked| asked["id"] != json!(before)));
}

fn limits_hold_for_concurrent_requests(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    for number in 0..18 {
        create(&alice, &number.to_string(), &[], &[&bob]);
    }
    let ids = json!([id(&bob)]);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let asking: Vec<_> = (0..8)
            .map(|number| {
                let body = json!({"name": format!("at once {number}"), "user_ids": ids});
                let alice = &alice;
                scope.spawn(move || send(alice, "POST", "/teams", &body).status)
            })
            .collect();
        let ends = asking.into_iter().map(|one| one.join().expect("an answer"));
        ends.collect()
    });
    let made = statuses.iter().filter(|status| **status == 201).count();
    let refused = statuses.iter().filter(|status| **status == 422).count();
    assert_eq!((made, refused), (2, 6), "{statuses:?}");
    assert_eq!(invitations(&bob).len(), 20);
}

fn teams(who: &Api) -> Vec<Value> {
    let list = who.get("/teams").json()["teams"].as_array().cloned();
    list.expect("a list")
}
