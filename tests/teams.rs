//! Teams see only what their members have agreed to share.

mod concurrency;
mod consent;
mod create;
mod invitations;
mod leave;
mod limits;
mod outsiders;
mod project_names;
mod refusals;
mod shares;
mod statements;
mod update;

use serde_json::{Value, json};

use crate::support::{Api, Crick, Reply, batch};

/// A request with a JSON body.
#[track_caller]
fn send(who: &Api, method: &str, path: &str, body: &Value) -> Reply {
    who.request_with_body(method, path, &[], body.to_string().as_bytes())
}

/// The id of a user.
#[track_caller]
fn id(who: &Api) -> String {
    text(&who.get("/users/me").json()["id"])
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Creates a team and returns its id.
#[track_caller]
fn create(owner: &Api, name: &str, projects: &[&str], people: &[&Api]) -> String {
    let user_ids: Vec<String> = people.iter().map(|who| id(who)).collect();
    let body = json!({"name": name, "projects": projects, "user_ids": user_ids});
    let reply = send(owner, "POST", "/teams", &body);
    assert_eq!(reply.status, 201, "{reply:?}");
    text(&reply.json()["id"])
}

/// Updates a team and returns it.
#[track_caller]
fn change(owner: &Api, team: &str, projects: &[&str], people: &[&Api]) -> Value {
    let user_ids: Vec<String> = people.iter().map(|who| id(who)).collect();
    let body = json!({"id": team, "name": "crew", "projects": projects, "user_ids": user_ids});
    let reply = send(owner, "PUT", &format!("/teams/{team}"), &body);
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

/// The invitations of a user.
#[track_caller]
fn invitations(who: &Api) -> Vec<Value> {
    let reply = who.get("/users/me/invitations");
    assert_eq!(reply.status, 200, "{reply:?}");
    let list = reply.json()["invitations"].as_array().cloned();
    list.expect("a list")
}

/// The id of a user's only invitation.
#[track_caller]
fn invitation(who: &Api) -> String {
    let list = invitations(who);
    assert_eq!(list.len(), 1, "{list:?}");
    text(&list[0]["id"])
}

/// Tries to accept an invitation.
#[track_caller]
fn try_accept(who: &Api, invitation: &str) -> Reply {
    who.request(
        "POST",
        &format!("/users/me/invitations/{invitation}/accept"),
        &[],
    )
}

/// Accepts the only invitation.
#[track_caller]
fn accept(who: &Api) {
    let reply = try_accept(who, &invitation(who));
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// The logins of a team's members.
fn logins(team: &Value) -> Vec<String> {
    let users = team["users"].as_array().expect("a list");
    users.iter().map(|user| text(&user["login"])).collect()
}

/// How many frames of a user any team sees, by the definition in `src/store/teams.rs`.
fn seen_of(crick: &Crick, login: &str) -> i64 {
    crick.database.number(&format!(
        "SELECT count(*) FROM team_members m JOIN team_shares s USING (team_id, user_id) \
         JOIN team_projects tp ON (tp.team_id, tp.project) = (s.team_id, s.project) \
         JOIN projects p ON p.user_id = m.user_id AND p.name = s.project \
         JOIN frames f ON f.project_id = p.id JOIN users u ON u.id = m.user_id WHERE u.login = '{login}'"
    ))
}

/// A user with one frame on `apollo`, two on `gemini` and four on `secret`, so that the number of frames
/// identifies the projects.
#[track_caller]
fn busy(crick: &Crick, login: &str) -> Api {
    let person = crick.person(login);
    for (project, count) in [("apollo", 1), ("gemini", 2), ("secret", 4)] {
        person.push(&batch(project, count));
    }
    person
}
