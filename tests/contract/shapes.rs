//! Answers as the first Crick gave them, to the order of their fields. What a client may find beside them stands last, or
//! is `begin_at`.

use serde_json::json;

use super::{shape, text};
use crate::support::{Api, Crick, Engine, Reply, frame, frames, on_both_engines};

on_both_engines![
    oneself_is_a_picture_an_id_a_login_and_a_token_that_is_null,
    people_are_an_id_a_login_and_a_picture,
    projects_are_the_same_for_watson_and_for_the_web,
    workloads_are_a_midnight_and_a_level,
    a_page_of_frames_has_a_count_a_limit_and_what_they_are_a_page_of,
    a_team_is_the_same_in_the_list_alone_changed_and_beside_its_frames,
    a_new_team_is_its_id_and_a_deleted_one_is_nothing_at_all,
    watsons_frames_are_a_bare_list,
    a_push_is_201_and_says_what_became_of_it,
    an_error_has_a_title_of_its_status_and_a_detail,
];

const FRAME: &str = r#"{"id":"ID","start_at":"2026-03-01T10:00:00Z","end_at":"2026-03-01T11:00:00Z","project":"apollo","tags":["nasa"]}"#;

/// Alice, with so many frames on apollo.
fn alice(crick: &Crick, count: usize) -> Api {
    let alice = crick.person("alice");
    alice.push(&frames(count));
    alice
}

/// The shape of a success in plain JSON: no charset, and no line's end behind it.
#[track_caller]
fn shape_of(reply: &Reply, status: u16) -> String {
    reply.ok(status);
    shape(reply)
}

fn oneself_is_a_picture_an_id_a_login_and_a_token_that_is_null(engine: Engine) {
    let crick = Crick::start(engine);
    let me = alice(&crick, 0).get("/users/me");
    assert_eq!(
        shape_of(&me, 200),
        r#"{"avatar_url":"","id":"ID","login":"alice","token":null}"#
    );
}

fn people_are_an_id_a_login_and_a_picture(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, 0);
    assert_eq!(
        shape_of(&alice.get("/users?q=al"), 200),
        r#"{"users":[{"id":"ID","login":"alice","avatar_url":""}]}"#
    );
    assert_eq!(shape_of(&alice.get("/users?q=zz"), 200), r#"{"users":[]}"#);
}

fn projects_are_the_same_for_watson_and_for_the_web(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for path in ["/projects", "/watson/projects"] {
        assert_eq!(shape_of(&alice.get(path), 200), r#"{"projects":[]}"#);
    }
    alice.push(&[frame()]);
    let (web, watson) = (alice.get("/projects"), alice.get("/watson/projects"));
    assert_eq!(
        shape_of(&web, 200),
        r#"{"projects":[{"id":"ID","name":"apollo"}]}"#
    );
    assert_eq!(text(&watson), text(&web));
}

fn workloads_are_a_midnight_and_a_level(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, 1);
    let projects = alice.get("/projects").ok(200);
    let id = projects["projects"][0]["id"].as_str().expect("an id");
    assert_eq!(
        shape_of(&alice.get(&format!("/projects/{id}/workloads")), 200),
        r#"{"workloads":[{"date":"2026-03-01T00:00:00Z","workload":1}]}"#
    );
}

fn a_page_of_frames_has_a_count_a_limit_and_what_they_are_a_page_of(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, 1);
    assert_eq!(
        shape_of(&alice.get("/frames"), 200),
        format!(r#"{{"frames":[{FRAME}],"meta":{{"page":{{"count":1,"limit":50}}}}}}"#)
    );
    alice.push(&frames(2));
    assert_eq!(
        shape_of(&alice.get("/frames?projects=apollo&limit=1&page=2"), 200),
        format!(
            r#"{{"frames":[{FRAME}],"meta":{{"page":{{"count":3,"limit":1,"next":3,"prev":1}},"projects":{{}}}}}}"#
        )
    );
    let projects = alice.get("/projects").ok(200);
    let id = projects["projects"][0]["id"].as_str().expect("an id");
    assert_eq!(
        shape_of(&alice.get(&format!("/frames?limit=1&projectId={id}")), 200),
        format!(
            r#"{{"frames":[{FRAME}],"meta":{{"page":{{"count":3,"limit":1,"next":2}},"project":{{"id":"ID","name":"apollo"}}}}}}"#
        )
    );
}

fn a_team_is_the_same_in_the_list_alone_changed_and_beside_its_frames(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, 0);
    let team = json!({"name": "crew", "projects": ["apollo"], "user_ids": []});
    let made = alice.send("POST", "/teams", &team).ok(201);
    let path = format!("/teams/{}", made["id"].as_str().expect("an id"));
    let team = r#"{"id":"ID","name":"crew","projects":["apollo"],"owner_id":"ID","users":[{"id":"ID","login":"alice","avatar_url":""}]}"#;
    assert_eq!(
        shape_of(&alice.get("/teams"), 200),
        format!(r#"{{"teams":[{team}]}}"#)
    );
    assert_eq!(shape_of(&alice.get(&path), 200), team);
    let same = json!({"id": made["id"], "name": "crew", "projects": ["apollo"], "user_ids": []});
    assert_eq!(shape_of(&alice.send("PUT", &path, &same), 200), team);
    let frames = alice.get(&path.replace("/teams/", "/frames?teamId="));
    assert_eq!(
        shape_of(&frames, 200),
        format!(r#"{{"frames":[],"meta":{{"page":{{"count":0,"limit":50}},"team":{team}}}}}"#)
    );
}

fn a_new_team_is_its_id_and_a_deleted_one_is_nothing_at_all(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, 0);
    let made = alice.send("POST", "/teams", &json!({"name": "crew"}));
    assert_eq!(shape_of(&made, 201), r#"{"id":"ID"}"#);
    let made = made.json();
    let path = format!("/teams/{}", made["id"].as_str().expect("an id"));
    let gone = alice.delete(&path);
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(gone.header("content-type"), "");
    alice.delete(&path).problem(404);
}

fn watsons_frames_are_a_bare_list(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    assert_eq!(shape_of(&alice.get("/watson/frames/"), 200), "[]");
    alice.push(&[frame()]);
    let both = FRAME.replace(
        r#""start_at""#,
        r#""begin_at":"2026-03-01T10:00:00Z","start_at""#,
    );
    assert_eq!(
        shape_of(&alice.get("/watson/frames/"), 200),
        format!("[{both}]")
    );
}

fn a_push_is_201_and_says_what_became_of_it(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let push = frames(2);
    for (push, answer) in [
        (&push[..], r#"{"received":2,"written":2}"#),
        (&push[..], r#"{"received":2,"written":0}"#),
        (&[], r#"{"received":0,"written":0}"#),
    ] {
        assert_eq!(shape_of(&alice.try_push(push), 201), answer);
    }
}

fn an_error_has_a_title_of_its_status_and_a_detail(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick, 0);
    let nowhere = "01234567-89ab-4def-8123-456789abcdef";
    for (path, body) in [
        (
            format!("/frames?teamId={nowhere}"),
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"Team not found"}"#,
        ),
        (
            format!("/frames?projectId={nowhere}"),
            r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"Project not found"}"#,
        ),
        (
            "/projects/x/workloads".to_owned(),
            r#"{"type":"about:blank","title":"Bad Request","status":400,"detail":"The id in the address is not a UUID"}"#,
        ),
    ] {
        let reply = alice.get(&path);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(text(&reply), body, "{path}");
    }
}
