//! The export of all data of a user.

use serde_json::{Value, json};

use crate::support::{Crick, Engine, batch, on_both_engines};

on_both_engines![
    an_export_contains_everything_of_the_user_and_nothing_of_others,
    an_export_contains_shares_and_invitations,
    an_export_of_many_frames_is_complete,
];

fn an_export_contains_everything_of_the_user_and_nothing_of_others(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    alice.push(&batch("apollo", 2));
    alice.push(&batch("gemini", 1));
    alice.push(&[json!({"id": "not an id"})]);
    bob.push(&batch("secret", 1));
    bob.push(&[json!({"id": "secret"})]);
    let project = alice.get("/projects").json()["projects"][1]["id"].clone();
    let path = format!("/projects/{}", project.as_str().expect("an id"));
    let archived = alice.request_with_body("PATCH", &path, &[], br#"{"archived": true}"#);
    assert_eq!(archived.status, 200, "{archived:?}");
    let team = json!({"name": "moon", "projects": ["apollo"]}).to_string();
    assert_eq!(
        alice
            .request_with_body("POST", "/teams", &[], team.as_bytes())
            .status,
        201
    );

    let reply = alice.get("/users/me/export");
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(reply.header("cache-control"), "no-store");
    let export = reply.json();
    assert_eq!(export["user"]["login"], "alice");
    let archived: Vec<&Value> = export["projects"]
        .as_array()
        .expect("projects")
        .iter()
        .map(|project| &project["archived"])
        .collect();
    assert_eq!(archived, [false, true]);
    assert_eq!(export["frames"].as_array().expect("frames").len(), 3);
    assert_eq!(export["teams"][0]["name"], "moon");
    assert_eq!(export["teams"][0]["shared"], json!(["apollo"]));
    assert_eq!(export["invitations"], json!([]));
    assert_eq!(export["tokens"].as_array().expect("tokens").len(), 1);
    let refused = export["refused_frames"].as_array().expect("frames");
    assert_eq!((refused.len(), &refused[0]["id"]), (1, &json!("not an id")));
    assert_eq!(refused[0]["token_id"], export["tokens"][0]["id"]);
    let text = String::from_utf8(reply.body).expect("text");
    assert!(
        !text.contains(alice.token()) && !text.contains("secret"),
        "{text}"
    );

    let nobody = crick.person("carol").get("/users/me/export").json();
    assert_eq!(nobody["frames"], json!([]));
}

fn an_export_contains_shares_and_invitations(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let bob_id = bob.get("/users/me").json()["id"].clone();
    for name in ["moon", "station"] {
        let team = json!({"name": name, "projects": ["gemini", "apollo"], "user_ids": [bob_id]});
        alice.send("POST", "/teams", &team).ok(201);
    }
    let asked = bob.get("/users/me/invitations").json();
    let of_moon = asked["invitations"][0]["id"].as_str().expect("an id");
    let accept = format!("/users/me/invitations/{of_moon}/accept");
    let choice = json!({"projects": ["apollo"]});
    bob.send("POST", &accept, &choice).ok(200);

    let export = bob.get("/users/me/export").json();
    let mut moon = bob.get("/teams").json()["teams"][0].clone();
    moon["shared"] = json!(["apollo"]);
    assert_eq!(export["teams"], json!([moon]));
    let left = bob.get("/users/me/invitations").json();
    assert_eq!(left["invitations"][0]["team"]["name"], "station");
    assert_eq!(export["invitations"], left["invitations"]);
    let of_owner = alice.get("/users/me/export").json();
    let all = json!(["gemini", "apollo"]);
    assert_eq!(of_owner["teams"][1]["shared"], all);
    assert_eq!(of_owner["invitations"], json!([]));
}

fn an_export_of_many_frames_is_complete(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&batch("apollo", 5_000));
    let export = alice.get("/users/me/export").json();
    assert_eq!(export["frames"].as_array().expect("frames").len(), 5_000);
}
