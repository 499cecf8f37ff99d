//! What of HTTP the first Crick's clients could use, and what of it led them astray.

use serde_json::json;

use crate::support::{Crick, Engine, frame, on_both_engines};

on_both_engines![
    a_token_is_understood_bare_and_behind_either_scheme,
    http_1_0_is_answered_in_its_own_way,
    a_push_may_come_in_chunks_or_ask_first,
    a_body_is_read_whatever_its_content_type_says,
    an_address_that_is_nearly_right_is_404_and_no_redirect,
    options_of_nothing_is_404,
];

fn a_token_is_understood_bare_and_behind_either_scheme(engine: Engine) {
    let crick = Crick::start(engine);
    let token = crick.device("laptop").token().to_owned();
    for scheme in ["", "Token ", "token ", "Token  ", "Bearer ", "BEARER "] {
        let header = [("Authorization", &*format!("{scheme}{token}"))];
        for path in ["/watson/projects/", "/users/me"] {
            let reply = crick.stranger().request("GET", path, &header);
            assert_eq!(reply.status, 200, "{scheme:?} {path}");
        }
    }
}

fn http_1_0_is_answered_in_its_own_way(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let mut connection = crick.server.connect();
    connection.send(&format!(
        "GET /watson/projects/ HTTP/1.0\r\nAuthorization: Token {}\r\n\r\n",
        laptop.token()
    ));
    let reply = connection.reply().expect("an answer");
    assert_eq!(reply.ok(200), json!({"projects": []}));
    assert!(connection.reply().is_none(), "the connection ends with it");
}

fn a_push_may_come_in_chunks_or_ask_first(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let head = format!(
        "POST /watson/frames/bulk/ HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {}\r\n",
        laptop.token()
    );
    let body = json!([frame()]).to_string();
    let (first, second) = body.split_at(body.len() / 2);
    let mut connection = crick.server.connect();
    connection.send(&format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    ));
    connection.reply().expect("an answer").ok(201);

    let body = json!([frame()]).to_string();
    connection.send(&format!(
        "{head}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    ));
    assert_eq!(connection.reply().map(|reply| reply.status), Some(100));
    connection.send(&body);
    connection.reply().expect("an answer").ok(201);
    assert_eq!(laptop.pull_everything().len(), 2);
}

fn a_body_is_read_whatever_its_content_type_says(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let push = json!([frame()]).to_string();
    for (number, media_type) in [
        "",
        "application/json",
        "application/json; charset=utf-8",
        "text/plain",
        "application/x-www-form-urlencoded",
        "nonsense",
    ]
    .into_iter()
    .enumerate()
    {
        let headers = [("Content-Type", media_type)];
        let headers = if media_type.is_empty() {
            &[][..]
        } else {
            &headers
        };
        let post =
            |path, body: &str| alice.request_with_body("POST", path, headers, body.as_bytes());
        post("/watson/frames/bulk", &push).ok(201);
        let team = json!({"name": number.to_string()}).to_string();
        post("/teams", &team).ok(201);
    }
}

fn an_address_that_is_nearly_right_is_404_and_no_redirect(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for path in [
        "/Watson/frames",
        "/watson/FRAMES/",
        "/watson/frames//",
        "//watson/frames",
        "/watson/./frames",
        "/watson/../watson/frames",
        "/users/ME/tokens",
        "/Projects",
    ] {
        let mut connection = crick.server.connect();
        connection.send(&format!(
            "GET {path} HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {}\r\n\r\n",
            alice.token()
        ));
        let reply = connection.reply().expect("an answer");
        assert_eq!(reply.status, 404, "{path}");
        reply.problem(404);
        assert_eq!(reply.header("location"), "", "{path}");
    }
}

fn options_of_nothing_is_404(engine: Engine) {
    // With the dashboard there is something at `/`.
    let crick = Crick::start_with(engine, &["--dashboard", "false"]);
    for path in ["/", "/nothing", "/watson"] {
        crick.stranger().request("OPTIONS", path, &[]).problem(404);
    }
}
