//! A user who is not a member does not learn that a team exists, and tokens need the right scopes.

use serde_json::{Value, json};

use super::{create, id, invitation, send};
use crate::support::{Api, Crick, Engine, Reply, on_both_engines};

on_both_engines![
    an_outsider_gets_404_as_for_an_unknown_team,
    a_read_only_token_changes_nothing,
    without_a_token_every_route_is_401,
];

const NOWHERE: &str = "01234567-89ab-4def-8123-456789abcdef";

/// Every route about one team or invitation, with a valid body.
fn routes(team: &str, invitation: &str, person: &str) -> Vec<(&'static str, String, Value)> {
    let changed = json!({"id": team, "name": "mine", "projects": ["secret"], "user_ids": []});
    let invitee = json!({"user_id": person});
    let mine = format!("/users/me/invitations/{invitation}");
    vec![
        ("GET", format!("/teams/{team}"), Value::Null),
        ("PUT", format!("/teams/{team}"), changed),
        ("DELETE", format!("/teams/{team}"), Value::Null),
        ("GET", format!("/teams/{team}/invitations"), Value::Null),
        ("POST", format!("/teams/{team}/invitations"), invitee),
        (
            "DELETE",
            format!("/teams/{team}/invitations/{invitation}"),
            Value::Null,
        ),
        ("GET", format!("/teams/{team}/members/me"), Value::Null),
        (
            "PUT",
            format!("/teams/{team}/members/me"),
            json!({"projects": []}),
        ),
        ("DELETE", format!("/teams/{team}/members/me"), Value::Null),
        (
            "DELETE",
            format!("/teams/{team}/members/{person}"),
            Value::Null,
        ),
        ("POST", format!("{mine}/accept"), json!({})),
        ("DELETE", mine, Value::Null),
    ]
}

fn ask(who: &Api, method: &str, path: &str, body: &Value) -> Reply {
    if body.is_null() {
        return who.request(method, path, &[]);
    }
    send(who, method, path, body)
}

fn an_outsider_gets_404_as_for_an_unknown_team(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob, eve) = (
        crick.person("alice"),
        crick.person("bob"),
        crick.person("eve"),
    );
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let invitation = invitation(&bob);
    let there = routes(&team, &invitation, &id(&alice));
    let nowhere = routes(NOWHERE, NOWHERE, &id(&alice));
    for ((method, path, body), (_, other, other_body)) in there.iter().zip(&nowhere) {
        let detail = ask(&eve, method, path, body).problem(404);
        let detail = detail.replace(&team, NOWHERE).replace(&invitation, NOWHERE);
        let same = ask(&eve, method, other, other_body).problem(404);
        assert_eq!(detail, same, "{method} {path}");
    }
    // An invited user is not a member yet.
    for (method, path, body) in &there[..10] {
        ask(&bob, method, path, body).problem(404);
    }
    let shown = alice.get(&format!("/teams/{team}")).json();
    assert_eq!(
        (&shown["name"], &shown["projects"]),
        (&json!("crew"), &json!(["apollo"]))
    );
}

fn a_read_only_token_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let team = create(&alice, "crew", &["apollo"], &[&bob]);
    let reader = crick.device("laptop");
    assert_eq!(reader.get("/teams").json(), alice.get("/teams").json());
    send(&reader, "POST", "/teams", &json!({"name": "new"})).problem(403);
    for (method, path, body) in routes(&team, &invitation(&bob), &id(&bob)) {
        if method == "GET" {
            assert_eq!(reader.get(&path).status, 200, "{path}");
        } else {
            ask(&reader, method, &path, &body).problem(403);
        }
    }
}

fn without_a_token_every_route_is_401(engine: Engine) {
    let crick = Crick::start(engine);
    let stranger = crick.stranger();
    for (method, path, body) in routes(NOWHERE, NOWHERE, NOWHERE) {
        ask(&stranger, method, &path, &body).problem(401);
    }
    stranger.get("/teams").problem(401);
    stranger.get("/users/me/invitations").problem(401);
}
