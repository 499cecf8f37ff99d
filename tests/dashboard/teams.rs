//! A team's page shows only what is shared with the team.

use serde_json::json;

use super::{Browser, bars, longest_first};
use crate::support::{Api, Crick, Engine, batch, on_both_engines};

on_both_engines![
    a_team_sees_only_what_is_shared,
    other_users_learn_nothing_about_a_team,
    only_the_owner_sees_the_owners_forms,
];

const MARCH: &str = "range=month&date=2026-03-01";

/// A user with frames on a shared project and on a secret one.
fn busy(crick: &Crick, login: &str) -> Api {
    let person = crick.person(login);
    person.push(&batch("apollo", 2));
    person.push(&batch("secret", 4));
    person
}

/// Creates a team with shared project `apollo` and a member.
#[track_caller]
pub(super) fn team(owner: &Api, member: &Api) -> String {
    let id = member.get("/users/me").ok(200)["id"].clone();
    let body = json!({"name": "crew", "projects": ["apollo", "gemini"], "user_ids": [id]});
    let reply = owner.send("POST", "/teams", &body);
    assert_eq!(reply.status, 201, "{reply:?}");
    let team = reply.json()["id"].as_str().expect("an id").to_owned();
    let invitations = member.get("/users/me/invitations").ok(200);
    let invitation = invitations["invitations"][0]["id"].as_str().expect("an id");
    let path = format!("/users/me/invitations/{invitation}/accept");
    assert_eq!(member.request("POST", &path, &[]).status, 200);
    team
}

fn a_team_sees_only_what_is_shared(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (busy(&crick, "alice"), busy(&crick, "bob"));
    let team = team(&alice, &bob);
    let report = |level: &str| {
        let query = format!("teamId={team}&group_by={level}&from=2026-03-01&to=2026-03-31");
        alice.get(&format!("/reports/summary?{query}")).ok(200)
    };
    for person in [&alice, &bob] {
        let browser = Browser::sign_in(&crick, person, "UTC");
        let page = browser.page(&format!("/dashboard/teams/{team}?{MARCH}"));
        let people = bars(&page, "Time per person, with their projects");
        assert_eq!(people, longest_first(&report("person")));
        assert_eq!(people.len(), 2);
        assert_eq!(
            bars(&page, "Time per project"),
            longest_first(&report("project"))
        );
        assert!(!page.contains("secret"), "{page}");
    }
}

fn other_users_learn_nothing_about_a_team(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (busy(&crick, "alice"), busy(&crick, "bob"));
    let team = team(&alice, &bob);
    let carol = crick.person("carol");
    let browser = Browser::sign_in(&crick, &carol, "UTC");
    let nothing = uuid::Uuid::new_v4().to_string();
    let answers = [&team, &nothing].map(|id| {
        let reply = browser.get(&format!("/dashboard/teams/{id}"));
        assert_eq!(reply.status, 404);
        super::text(reply).replace(id, "")
    });
    assert_eq!(answers[0], answers[1]);
    assert!(!answers[0].contains("crew"));
    assert!(!browser.page("/dashboard/teams").contains("crew"));
    for what in ["share", "leave", "invite", "withdraw", "remove", "delete"] {
        let id = uuid::Uuid::new_v4().to_string();
        let fields: &[(&str, &str)] = match what {
            "invite" | "remove" => &[("user", &id)],
            "withdraw" => &[("invitation", &id)],
            "delete" => &[("confirm", "yes")],
            _ => &[],
        };
        let reply = browser.post(&format!("/dashboard/teams/{team}/{what}"), fields);
        assert_eq!(reply.status, 404, "{what}");
    }
    let reply = browser.post(&format!("/dashboard/teams/{team}"), &[("name", "mine")]);
    assert_eq!(reply.status, 404);
    assert_eq!(alice.get(&format!("/teams/{team}")).ok(200)["name"], "crew");
}

fn only_the_owner_sees_the_owners_forms(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (busy(&crick, "alice"), busy(&crick, "bob"));
    let team = team(&alice, &bob);
    let address = format!("/dashboard/teams/{team}");
    let owner = Browser::sign_in(&crick, &alice, "UTC");
    let member = Browser::sign_in(&crick, &bob, "UTC");
    for (what, words) in [
        ("/delete", "Delete team"),
        ("/invite", "Invite"),
        ("/remove", "Remove"),
    ] {
        let page = owner.page(&format!("{address}?q=al"));
        assert!(page.contains(words), "{what}");
        assert!(!member.page(&address).contains(&format!("{address}{what}")));
    }
    assert_eq!(member.get(&format!("{address}?q=al")).status, 403);
    assert_eq!(owner.get(&format!("{address}?q=a")).status, 400);
    assert!(member.page(&address).contains(&format!("{address}/leave")));
    assert!(!owner.page(&address).contains(&format!("{address}/leave")));
    let reply = member.post(&format!("{address}/delete"), &[("confirm", "yes")]);
    assert_eq!(reply.status, 403);
}
