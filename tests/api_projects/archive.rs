//! Archived projects.

use serde_json::json;
use uuid::Uuid;

use super::{change, listed, names, path_of};
use crate::support::{Api, Crick, Engine, batch, on_both_engines};

on_both_engines![
    projects_are_listed_by_name,
    a_project_is_shown_by_its_id,
    an_archived_project_is_listed_separately_until_it_is_restored,
    frames_of_an_archived_project_stay_and_sync,
    an_invalid_change_is_refused,
    another_users_project_is_404,
];

fn with_projects(crick: &Crick, names: &[&str]) -> Api {
    let alice = crick.person("alice");
    for name in names {
        alice.push(&batch(name, 1));
    }
    alice
}

fn projects_are_listed_by_name(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_projects(&crick, &["gemini", "apollo", "mercury"]);
    assert_eq!(names(&alice, "/projects"), ["apollo", "gemini", "mercury"]);
    for project in listed(&alice, "/projects?archived=false") {
        assert_eq!(
            project.as_object().expect("an object").len(),
            2,
            "{project}"
        );
    }
    assert!(listed(&alice, "/projects?archived=true").is_empty());
    for query in [
        "archived=",
        "archived=1",
        "archived=yes",
        "q=a",
        "archived=true%00",
    ] {
        alice.get(&format!("/projects?{query}")).problem(400);
    }
}

fn a_project_is_shown_by_its_id(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_projects(&crick, &["apollo"]);
    let path = path_of(&alice, "apollo");
    let id = path.trim_start_matches("/projects/");
    let project = alice.get(&path).ok(200);
    assert_eq!(
        project,
        json!({"id": id, "name": "apollo", "archived": false})
    );
    alice.get("/projects/abc").problem(400);
    let nothing = format!("/projects/{}", Uuid::new_v4());
    assert_eq!(alice.get(&nothing).problem(404), "Project not found");
}

fn an_archived_project_is_listed_separately_until_it_is_restored(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_projects(&crick, &["apollo", "gemini"]);
    let path = path_of(&alice, "apollo");
    let away = change(&alice, &path, json!({"archived": true}));
    assert_eq!(away["archived"], true);
    assert_eq!(alice.get(&path).ok(200), away);
    for list in ["/projects", "/watson/projects"] {
        assert_eq!(names(&alice, list), ["gemini"], "{list}");
    }
    assert_eq!(names(&alice, "/projects?archived=true"), ["apollo"]);
    assert_eq!(change(&alice, &path, json!({"archived": true})), away);
    let back = change(
        &alice,
        &path,
        json!({"archived": false, "name": "apollo 11"}),
    );
    assert_eq!(
        (&back["archived"], &back["name"]),
        (&json!(false), &json!("apollo 11"))
    );
    assert_eq!(names(&alice, "/projects"), ["apollo 11", "gemini"]);
}

fn frames_of_an_archived_project_stay_and_sync(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_projects(&crick, &["apollo"]);
    let path = path_of(&alice, "apollo");
    change(&alice, &path, json!({"archived": true}));
    assert_eq!(alice.pull_everything().len(), 1);
    alice.push(&batch("apollo", 1));
    assert_eq!(alice.get("/frames").ok(200)["meta"]["page"]["count"], 2);
    assert_eq!(names(&alice, "/projects?archived=true"), ["apollo"]);
}

fn an_invalid_change_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_projects(&crick, &["apollo"]);
    let path = path_of(&alice, "apollo");
    for body in [
        json!({}),
        json!([]),
        json!({"name": null}),
        json!({"archived": null}),
        json!({"archived": "yes"}),
        json!({"name": 1}),
        json!({"name": "a", "id": Uuid::new_v4()}),
    ] {
        alice.send("PATCH", &path, &body).problem(400);
    }
    for name in ["", " \t", "a\0b", &"x".repeat(513)] {
        let body = json!({"name": name, "archived": true});
        alice.send("PATCH", &path, &body).problem(422);
    }
    assert_eq!(names(&alice, "/projects"), ["apollo"]);
    let laptop = crick.device("laptop");
    laptop
        .send("PATCH", &path, &json!({"archived": true}))
        .problem(403);
    laptop.delete(&path).problem(403);
}

fn another_users_project_is_404(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_projects(&crick, &["apollo"]);
    let path = path_of(&alice, "apollo");
    let bob = crick.person("bob");
    let detail = bob.get(&path).problem(404);
    assert_eq!(detail, "Project not found");
    bob.send("PATCH", &path, &json!({"name": "b"})).problem(404);
    bob.delete(&path).problem(404);
    bob.delete(&format!("{path}?frames=remove")).problem(404);
    bob.get(&format!("{path}/workloads")).problem(404);
    assert_eq!(names(&alice, "/projects"), ["apollo"]);
    assert_eq!(alice.pull_everything().len(), 1);
}
