//! An invalid parameter is refused, never taken for "everything".

use serde_json::json;
use uuid::Uuid;

use super::project_id;
use crate::support::{Crick, Engine, frame, on_both_engines};

on_both_engines![
    an_invalid_parameter_is_400,
    conflicting_parameters_are_400,
    unknown_frames_projects_and_teams_are_404,
    a_read_only_token_cannot_write,
];

fn an_invalid_parameter_is_400(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[frame()]);
    for query in [
        "limit=0",
        "limit=-1",
        "limit=10001",
        "limit=1.5",
        "limit=abc",
        "limit=",
        "limit=1e3",
        "limit=99999999999999999999",
        "page=0",
        "page=-1",
        "page=1.5",
        "page=abc",
        "page=",
        "page=922337203685478",
        "page=18446744073709551616",
        "from=",
        "from=2026-3-1",
        "from=20260301",
        "from=2026-02-30",
        "from=2026-03-01T00:00:00Z",
        "from=abc",
        "to=today",
        "to=2026-13-01",
        "to=2026-03-01%00",
        "tz=",
        "tz=Mars/Olympus",
        "tz=%2B01:00",
        "tz=UTC%00",
        "tz=../../etc/passwd",
        "tz=Etc/Unknown",
        "projects=",
        "projects=a,,b",
        "projects=%20",
        "projects=a%00",
        "tags=",
        "tags=,",
        "tags=%00",
        "projectId=",
        "projectId=1",
        "teamId=",
        "teamId=abc",
        "projectId=%00",
        "project=a%00b",
        "project=%FF",
        "tag=%00",
        "tag=%C3",
        "Limit=5",
        "limit=1&limit=2",
        "project_id=00000000-0000-4000-8000-000000000000",
    ] {
        alice.get(&format!("/frames?{query}")).problem(400);
    }
    alice.get("/frames/abc").problem(400);
    alice.get("/frames/%00").problem(400);
}

fn conflicting_parameters_are_400(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&[frame()]);
    let id = project_id(&alice, "apollo");
    for query in [
        "from=2026-03-02&to=2026-03-01".to_owned(),
        format!("projectId={id}&projects=apollo"),
        format!("projectId={id}&project=apollo"),
        format!("projectId={id}&teamId={id}"),
    ] {
        alice.get(&format!("/frames?{query}")).problem(400);
    }
}

fn unknown_frames_projects_and_teams_are_404(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let id = Uuid::new_v4();
    let project = alice.get(&format!("/frames?projectId={id}")).problem(404);
    assert_eq!(project, "Project not found");
    let team = alice.get(&format!("/frames?teamId={id}")).problem(404);
    assert_eq!(team, "Team not found");
    alice.get(&format!("/frames/{id}")).problem(404);
    alice.delete(&format!("/frames/{id}")).problem(404);
}

fn a_read_only_token_cannot_write(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let path = format!("/frames/{}", Uuid::new_v4());
    laptop.get(&path).problem(404);
    laptop.send("PUT", &path, &json!({})).problem(403);
    laptop.delete(&path).problem(403);
    crick.stranger().get("/frames").problem(401);
}
