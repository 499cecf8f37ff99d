//! The routes: slashes, methods, base path.

use crate::support::{Api, Crick, Engine, frame, on_both_engines};

on_both_engines![
    every_route_works_with_and_without_a_trailing_slash,
    head_is_like_get_without_a_body,
    another_base_path_moves_all_routes,
    liveness_and_readiness_need_no_token,
];

#[track_caller]
fn assert_routes_under(base: &str, laptop: &Api) {
    for slash in ["", "/"] {
        let projects = laptop.get(&format!("{base}/projects{slash}"));
        assert_eq!(projects.status, 200, "projects{slash}: {projects:?}");
        let frames = laptop.get(&format!(
            "{base}/frames{slash}?last_sync=1970-01-01T00:00:00Z"
        ));
        assert_eq!(frames.status, 200, "frames{slash}: {frames:?}");
        let body = format!("[{}]", frame());
        let path = format!("{base}/frames/bulk{slash}");
        let push = laptop.request_with_body("POST", &path, &[], body.as_bytes());
        assert_eq!(push.status, 201, "frames/bulk{slash}: {push:?}");
    }
}

fn every_route_works_with_and_without_a_trailing_slash(engine: Engine) {
    let crick = Crick::start(engine);
    assert_routes_under("/watson", &crick.device("laptop"));
}

fn head_is_like_get_without_a_body(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&[frame()]);
    for path in [
        "/watson/projects",
        "/watson/projects/",
        "/watson/frames/",
        "/watson/frames",
    ] {
        let get = laptop.get(path);
        let head = laptop.request("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
    }
}

fn another_base_path_moves_all_routes(engine: Engine) {
    let crick = Crick::start_with(engine, &["--watson-path", "/time/api"]);
    let laptop = crick.device("laptop");
    assert_routes_under("/time/api", &laptop);
    laptop.get("/watson/projects").problem(404);
}

fn liveness_and_readiness_need_no_token(engine: Engine) {
    let crick = Crick::start(engine);
    let stranger = crick.stranger();
    assert_eq!(stranger.get("/livez").status, 200);
    let ready = stranger.get("/readyz");
    assert_eq!(ready.status, 200);
    assert_eq!(ready.json()["status"], "ready");
}
