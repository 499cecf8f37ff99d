//! Creating and listing teams.

use serde_json::{Value, json};

use super::{accept, create, id, logins, send, text};
use crate::support::{Api, Crick, Engine, on_both_engines};

on_both_engines![
    a_team_has_the_json_form_of_the_first_crick,
    teams_are_listed_by_name_and_only_to_their_members,
    members_are_listed_once_by_login,
    read_only_fields_of_a_team_are_ignored,
    projects_listed_twice_count_once_in_their_order,
    team_names_are_unique_for_one_owner,
    names_are_compared_exactly,
];

fn teams(who: &Api) -> Vec<Value> {
    let reply = who.get("/teams");
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["teams"].as_array().expect("a list").clone()
}

fn a_team_has_the_json_form_of_the_first_crick(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    assert_eq!(alice.get("/teams").json(), json!({"teams": []}));
    let team = create(&alice, "crew", &["gemini", "apollo"], &[]);
    let expected = json!({
        "id": team,
        "name": "crew",
        "projects": ["gemini", "apollo"],
        "owner_id": id(&alice),
        "users": [{"id": id(&alice), "login": "alice", "avatar_url": ""}],
    });
    assert_eq!(alice.get("/teams").json(), json!({"teams": [expected]}));
    assert_eq!(alice.get(&format!("/teams/{team}/")).json(), expected);
    let body = String::from_utf8(alice.get(&format!("/teams/{team}")).body).expect("UTF-8");
    let place = |key: &str| body.find(&format!("\"{key}\"")).expect("the key is there");
    assert!(place("name") < place("projects") && place("projects") < place("owner_id"));
    assert!(place("owner_id") < place("users"));
}

fn teams_are_listed_by_name_and_only_to_their_members(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    for name in ["beta", "alpha", "gamma"] {
        create(&alice, name, &[], &[]);
    }
    create(&bob, "alpha", &[], &[&alice]);
    let names = |who: &Api| -> Vec<String> {
        let names = teams(who);
        names.iter().map(|team| text(&team["name"])).collect()
    };
    assert_eq!(names(&alice), ["alpha", "beta", "gamma"]);
    assert_eq!(names(&bob), ["alpha"]);
    accept(&alice);
    assert_eq!(names(&alice), ["alpha", "alpha", "beta", "gamma"]);
    let twins = teams(&alice);
    assert!(text(&twins[0]["id"]) < text(&twins[1]["id"]));
}

fn members_are_listed_once_by_login(engine: Engine) {
    let crick = Crick::start(engine);
    let [mallory, alice] = ["mallory", "alice"].map(|login| crick.person(login));
    let [carol, bob] = ["Carol", "bob"].map(|login| crick.person(login));
    let team = create(&mallory, "crew", &["apollo"], &[&alice, &bob, &carol, &bob]);
    for member in [&carol, &bob, &alice] {
        accept(member);
    }
    let shown = bob.get(&format!("/teams/{team}")).json();
    assert_eq!(logins(&shown), ["alice", "bob", "Carol", "mallory"]);
}

fn read_only_fields_of_a_team_are_ignored(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let bob_id = id(&bob);
    let body = json!({
        "id": bob_id, "owner_id": bob_id, "users": [{"id": bob_id}], "name": "crew", "projects": null, "user_ids": null,
    });
    let reply = send(&alice, "POST", "/teams/", &body);
    assert_eq!(reply.status, 201, "{reply:?}");
    assert_eq!(reply.json().as_object().expect("an object").len(), 1);
    let team = &teams(&alice)[0];
    assert_eq!(
        (&team["id"], text(&team["owner_id"])),
        (&reply.json()["id"], id(&alice))
    );
    assert_ne!(team["id"], json!(bob_id));
    assert_eq!(logins(team), ["alice"]);
    assert!(teams(&bob).is_empty());
    let path = format!("/teams/{}", text(&team["id"]));
    let shown = json!({
        "id": team["id"], "owner_id": 1, "users": null, "name": "crew", "projects": ["apollo"], "user_ids": [],
    });
    let changed = send(&alice, "PUT", &path, &shown);
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(changed.json()["owner_id"], json!(id(&alice)));
    assert_eq!(logins(&changed.json()), ["alice"]);
    let bare = send(&alice, "POST", "/teams", &json!({"name": "bare"}));
    assert_eq!(bare.status, 201, "{bare:?}");
}

fn projects_listed_twice_count_once_in_their_order(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    create(&alice, "crew", &["b", "a", "b", " a", "a"], &[]);
    assert_eq!(teams(&alice)[0]["projects"], json!(["b", "a", " a"]));
}

fn team_names_are_unique_for_one_owner(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    create(&alice, "crew", &[], &[]);
    create(&bob, "crew", &[], &[]);
    let other = create(&alice, "other", &[], &[]);
    let again = send(&alice, "POST", "/teams", &json!({"name": "crew"}));
    assert_eq!(again.problem(409), "A team with this name already exists");
    let body = json!({"id": other, "name": "crew", "projects": ["apollo"]});
    let renamed = send(&alice, "PUT", &format!("/teams/{other}"), &body);
    assert_eq!(renamed.problem(409), "A team with this name already exists");
    let shown = alice.get(&format!("/teams/{other}")).json();
    assert_eq!(
        (&shown["name"], &shown["projects"]),
        (&json!("other"), &json!([]))
    );
}

fn names_are_compared_exactly(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for name in ["crew", "Crew", " crew", "crew ", "crëw"] {
        create(&alice, name, &[name], &[]);
    }
    assert_eq!(teams(&alice).len(), 5);
    create(&alice, &"n".repeat(512), &["🚀".repeat(512).as_str()], &[]);
}
