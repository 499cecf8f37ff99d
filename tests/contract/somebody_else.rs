//! Every row of the table of routes: nothing of somebody else's. A row that is new and is not sorted in here makes the
//! test fail with its name.

use serde_json::Value;

use super::world::{World, names, operations};
use crate::support::{Engine, on_both_engines};

on_both_engines![what_is_somebody_elses_is_kept_from_everybody_else_by_every_operation,];

/// What is about nobody but oneself, and in which nobody else can be named.
const ABOUT_ONESELF: &[&str] = &[
    "DELETE /users/me",
    "GET /projects",
    "GET /teams",
    // The one way to find others, on purpose: `api_users::oneself`.
    "GET /users",
    "GET /users/me",
    "GET /users/me/export",
    "GET /users/me/feeds",
    "GET /users/me/invitations",
    "GET /users/me/tokens",
    "GET /watson/frames",
    "GET /watson/projects",
    "POST /users/me/tokens",
];

/// How something of alice's gets into a request of eve's: the operation, the address, the body, and what it is answered.
/// 201 is for what eve makes of her own then. What alice has stays as it was, whatever the answer.
const SOMEBODY_ELSES: &[(&str, &str, &str, u16)] = &[
    (
        "DELETE /users/me/tokens/{id}",
        "/users/me/tokens/{token}",
        "",
        404,
    ),
    (
        "POST /users/me/tokens/{id}/resend",
        "/users/me/tokens/{token}/resend",
        "",
        404,
    ),
    ("GET /projects/{id}", "/projects/{project}", "", 404),
    (
        "PATCH /projects/{id}",
        "/projects/{project}",
        r#"{"name": "eve's"}"#,
        404,
    ),
    ("DELETE /projects/{id}", "/projects/{project}", "", 404),
    (
        "DELETE /projects/{id}",
        "/projects/{project}?frames=remove",
        "",
        404,
    ),
    (
        "GET /projects/{id}/workloads",
        "/projects/{project}/workloads",
        "",
        404,
    ),
    ("GET /frames", "/frames?projectId={project}", "", 404),
    ("GET /frames", "/frames?teamId={team}", "", 404),
    (
        "GET /frames.csv",
        "/frames.csv?projectId={project}",
        "",
        404,
    ),
    ("GET /frames.csv", "/frames.csv?teamId={team}", "", 404),
    ("GET /frames.jsonl", "/frames.jsonl?teamId={team}", "", 404),
    ("GET /frames.ics", "/frames.ics?teamId={team}", "", 404),
    (
        "DELETE /users/me/feeds/{id}",
        "/users/me/feeds/{feed}",
        "",
        404,
    ),
    (
        "POST /users/me/feeds",
        "/users/me/feeds",
        r#"{"name": "eve's", "team_id": "{team}"}"#,
        404,
    ),
    (
        "GET /reports/summary",
        "/reports/summary?teamId={team}",
        "",
        404,
    ),
    ("GET /frames/{id}", "/frames/{frame}", "", 404),
    ("DELETE /frames/{id}", "/frames/{frame}", "", 404),
    ("GET /teams/{id}", "/teams/{team}", "", 404),
    (
        "PUT /teams/{id}",
        "/teams/{team}",
        r#"{"id": "{team}", "name": "eve's"}"#,
        404,
    ),
    ("DELETE /teams/{id}", "/teams/{team}", "", 404),
    (
        "GET /teams/{id}/members/me",
        "/teams/{team}/members/me",
        "",
        404,
    ),
    (
        "PUT /teams/{id}/members/me",
        "/teams/{team}/members/me",
        r#"{"projects": []}"#,
        404,
    ),
    (
        "DELETE /teams/{id}/members/me",
        "/teams/{team}/members/me",
        "",
        404,
    ),
    (
        "DELETE /teams/{id}/members/{user_id}",
        "/teams/{team}/members/{member}",
        "",
        404,
    ),
    (
        "GET /teams/{id}/invitations",
        "/teams/{team}/invitations",
        "",
        404,
    ),
    (
        "POST /teams/{id}/invitations",
        "/teams/{team}/invitations",
        r#"{"user_id": "{alice}"}"#,
        404,
    ),
    (
        "DELETE /teams/{id}/invitations/{invitation_id}",
        "/teams/{team}/invitations/{invitation}",
        "",
        404,
    ),
    (
        "POST /users/me/invitations/{id}/accept",
        "/users/me/invitations/{invitation}/accept",
        "{}",
        404,
    ),
    (
        "DELETE /users/me/invitations/{id}",
        "/users/me/invitations/{invitation}",
        "",
        404,
    ),
    // Naming alice invites her, and shows nothing of hers.
    (
        "POST /teams",
        "/teams",
        r#"{"name": "eve's", "projects": ["apollo"], "user_ids": ["{alice}"]}"#,
        201,
    ),
    // A frame is named among one's own.
    (
        "PUT /frames/{id}",
        "/frames/{frame}",
        r#"{"start_at": "2026-01-01T10:00:00Z", "end_at": "2026-01-01T11:00:00Z", "project": "eve's"}"#,
        201,
    ),
    (
        "POST /frames/import",
        "/frames/import",
        r#"[[1767261600, 1767265200, "eve's", "{frame}", []]]"#,
        200,
    ),
    (
        "POST /watson/frames/bulk",
        "/watson/frames/bulk",
        r#"[{"id": "{frame}", "start_at": "2026-01-01T10:00:00Z", "end_at": "2026-01-01T11:00:00Z", "project": "eve's"}]"#,
        201,
    ),
];

fn what_is_somebody_elses_is_kept_from_everybody_else_by_every_operation(engine: Engine) {
    let world = World::new(engine);
    let sorted = |name: &String| {
        SOMEBODY_ELSES.iter().any(|(case, ..)| case == name)
            || (!name.contains('{') && ABOUT_ONESELF.contains(&name.as_str()))
    };
    let operations = operations(&world.crick);
    let all = names(operations.iter().filter(|it| it.scope.is_some()));
    let unsorted: Vec<&String> = all.iter().filter(|name| !sorted(name)).collect();
    assert!(unsorted.is_empty(), "not in this test: {unsorted:?}");
    let cases = SOMEBODY_ELSES.iter().map(|(name, ..)| name);
    let gone: Vec<_> = cases
        .chain(ABOUT_ONESELF)
        .filter(|name| !all.contains(**name))
        .collect();
    assert!(gone.is_empty(), "no operations any more: {gone:?}");

    let before = world.of_alice();
    let apollo = before[1]["frames"].to_string();
    let json = [("Content-Type", "application/json")];
    for (name, address, body, status) in SOMEBODY_ELSES {
        let (method, _) = name.split_once(' ').expect("a method and a path");
        let (address, body) = (world.fill(address), world.fill(body));
        let reply = match body.as_str() {
            "" => world.eve.request(method, &address, &[]),
            body => world
                .eve
                .request_with_body(method, &address, &json, body.as_bytes()),
        };
        let answer = String::from_utf8_lossy(&reply.body);
        assert_eq!(reply.status, *status, "{name}: {answer}");
        if *status == 404 {
            reply.problem(404);
        }
        assert!(!answer.contains("apollo"), "{name}: {answer}");
    }
    assert_eq!(world.of_alice(), before);
    let team = &world.eve.get("/teams").ok(200)["teams"][0];
    let seen = world.eve.get(&format!("/frames?teamId={}", id(team)));
    assert_eq!(seen.ok(200)["frames"], Value::Array(Vec::new()));
    assert!(apollo.contains("apollo"), "alice has had something to lose");
}

#[track_caller]
fn id(it: &Value) -> &str {
    it["id"].as_str().expect("an id")
}

impl World {
    /// What alice sees at the addresses of the cases that only look.
    pub(super) fn looked_at(&self) -> Vec<String> {
        let looks = SOMEBODY_ELSES
            .iter()
            .filter(|(name, ..)| name.starts_with("GET"));
        looks.map(|(_, address, ..)| self.fill(address)).collect()
    }
}
