//! Invalid teams.

use serde_json::{Value, json};

use super::{create, id, send};
use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    an_invalid_team_is_400_and_changes_nothing,
    an_unknown_user_is_422_and_named,
    an_unknown_key_is_400_and_changes_nothing,
    different_ids_in_body_and_path_are_400,
    an_id_that_is_not_a_uuid_is_400,
    a_team_with_more_than_a_hundred_people_is_422,
];

const NOBODY: &str = "01234567-89ab-4def-8123-456789abcdef";

fn an_invalid_team_is_400_and_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let team = create(&alice, "crew", &["apollo"], &[]);
    let long = "x".repeat(513);
    let many: Vec<String> = (0..257).map(|number| number.to_string()).collect();
    let refused: Vec<Value> = vec![
        json!({}),
        json!({"name": null}),
        json!({"name": ""}),
        json!({"name": " \t\u{a0}"}),
        json!({"name": "a\u{0}b"}),
        json!({"name": long}),
        json!({"name": 1}),
        json!({"name": "new", "projects": ["apollo", " "]}),
        json!({"name": "new", "projects": ["a\u{0}"]}),
        json!({"name": "new", "projects": [long]}),
        json!({"name": "new", "projects": [null]}),
        json!({"name": "new", "projects": "apollo"}),
        json!({"name": "new", "projects": many}),
        json!({"name": "new", "user_ids": ["bob"]}),
        json!({"name": "new", "user_ids": vec![id(&alice); 101]}),
    ];
    for mut body in refused {
        send(&alice, "POST", "/teams", &body).problem(400);
        body["id"] = json!(team);
        send(&alice, "PUT", &format!("/teams/{team}"), &body).problem(400);
    }
    for text in ["", "{", "null", "{\"name\":\"new\"} more"] {
        let reply = alice.request_with_body("POST", "/teams", &[], text.as_bytes());
        reply.problem(400);
    }
    let teams = alice.get("/teams").json();
    assert_eq!(teams["teams"].as_array().map(Vec::len), Some(1));
    assert_eq!(teams["teams"][0]["projects"], json!(["apollo"]));
    let most: Vec<String> = (0..256).map(|number| number.to_string()).collect();
    let reply = send(
        &alice,
        "POST",
        "/teams",
        &json!({"name": "new", "projects": most}),
    );
    assert_eq!(reply.status, 201, "{reply:?}");
}

fn an_unknown_user_is_422_and_named(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[]);
    let body = json!({"id": team, "name": "new", "projects": [], "user_ids": [id(&bob), NOBODY]});
    let address = format!("/teams/{team}");
    for (method, path) in [("POST", "/teams"), ("PUT", address.as_str())] {
        let detail = send(&alice, method, path, &body).problem(422);
        assert!(detail.contains(NOBODY), "{detail}");
    }
    let invitee = json!({"user_id": NOBODY});
    send(
        &alice,
        "POST",
        &format!("/teams/{team}/invitations"),
        &invitee,
    )
    .problem(422);
    let teams = alice.get("/teams").json();
    assert_eq!(teams["teams"].as_array().map(Vec::len), Some(1));
    assert_eq!(teams["teams"][0]["name"], "crew");
    assert_eq!(
        crick
            .database
            .number("SELECT count(*) FROM team_invitations"),
        0
    );
}

fn an_unknown_key_is_400_and_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), super::busy(&crick, "bob"));
    let team = create(&alice, "crew", &["apollo", "secret"], &[&bob]);
    let address = format!("/teams/{team}");
    for typo in ["project", "Projects", "user_id", "owner"] {
        let body = json!({"id": team, "name": "new", typo: []});
        for (method, path) in [("PUT", address.as_str()), ("POST", "/teams")] {
            let detail = send(&alice, method, path, &body).problem(400);
            assert!(detail.contains(typo), "{detail}");
        }
    }
    let invitee = json!({"user_id": id(&bob), "projects": ["apollo"]});
    send(&alice, "POST", &format!("{address}/invitations"), &invitee).problem(400);
    let accept = format!("/users/me/invitations/{}/accept", super::invitation(&bob));
    send(&bob, "POST", &accept, &json!({"project": ["apollo"]})).problem(400);
    assert_eq!(super::seen_of(&crick, "bob"), 0, "nothing was agreed to");
    let teams = alice.get("/teams").json();
    assert_eq!(teams["teams"].as_array().map(Vec::len), Some(1));
    assert_eq!(teams["teams"][0]["name"], "crew");
    assert_eq!(teams["teams"][0]["projects"], json!(["apollo", "secret"]));
}

fn different_ids_in_body_and_path_are_400(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let team = create(&alice, "crew", &["apollo"], &[]);
    let other = create(&alice, "other", &["apollo"], &[]);
    let address = format!("/teams/{team}");
    for id in [json!(other), json!(NOBODY), json!(""), json!(null)] {
        let body = json!({"id": id, "name": "new"});
        send(&alice, "PUT", &address, &body).problem(400);
    }
    send(&alice, "PUT", &address, &json!({"name": "new"})).problem(400);
    assert_eq!(alice.get(&address).json()["name"], "crew");
    let same = json!({"id": team.to_uppercase(), "name": "new"});
    assert_eq!(send(&alice, "PUT", &address, &same).json()["name"], "new");
}

fn an_id_that_is_not_a_uuid_is_400(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let team = create(&alice, "crew", &["apollo"], &[]);
    let body = json!({"id": team, "name": "new", "user_id": NOBODY});
    for (method, path) in [
        ("GET", "/teams/1"),
        ("PUT", "/teams/1"),
        ("DELETE", "/teams/1"),
        ("GET", "/teams/1/members/me"),
        ("DELETE", "/teams/1/members/me"),
        ("DELETE", &format!("/teams/{team}/members/you")),
        ("DELETE", &format!("/teams/urn:uuid:/members/{NOBODY}")),
        ("GET", "/teams/%00/invitations"),
        ("POST", "/teams/1/invitations"),
        ("DELETE", &format!("/teams/{team}/invitations/1")),
        ("POST", "/users/me/invitations/1/accept"),
        ("DELETE", "/users/me/invitations/1"),
    ] {
        let reply = match method {
            "POST" | "PUT" => send(&alice, method, path, &body),
            _ => alice.request(method, path, &[]),
        };
        reply.problem(400);
    }
}

fn a_team_with_more_than_a_hundred_people_is_422(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let user_ids: Vec<String> = (0..101).map(|number| format!("{number:032x}")).collect();
    let literal = |id: &String| match engine {
        Engine::Sqlite => format!("x'{id}'"),
        Engine::Postgres(_) => format!("'{id}'"),
    };
    let rows: Vec<String> = user_ids
        .iter()
        .map(|id| format!("({}, 'user {id}', 0)", literal(id)))
        .collect();
    let insert = "INSERT INTO users (id, login, created_at) VALUES";
    crick
        .database
        .execute(&format!("{insert} {}", rows.join(",")));

    let body = |count: usize| json!({"name": "crew", "user_ids": user_ids[..count]});
    send(&alice, "POST", "/teams", &body(101)).problem(400);
    send(&alice, "POST", "/teams", &body(100)).problem(422);
    let reply = send(&alice, "POST", "/teams", &body(99));
    assert_eq!(reply.status, 201, "{reply:?}");
    let team = reply.json()["id"].as_str().expect("an id").to_owned();
    let address = format!("/teams/{team}/invitations");
    let invitations = alice.get(&address).json();
    assert_eq!(
        invitations["invitations"].as_array().map(Vec::len),
        Some(99)
    );
    let one_more = json!({"user_id": user_ids[100]});
    send(&alice, "POST", &address, &one_more).problem(422);
    let last = &invitations["invitations"][0]["id"];
    let withdrawn = format!("{address}/{}", last.as_str().expect("an id"));
    assert_eq!(alice.request("DELETE", &withdrawn, &[]).status, 204);
    assert_eq!(send(&alice, "POST", &address, &one_more).status, 201);
}
