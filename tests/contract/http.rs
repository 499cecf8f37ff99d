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
    an_invalid_request_is_refused_in_json_and_ends_the_connection,
    options_of_the_server_lists_every_method,
    a_whole_url_as_the_target_replaces_the_host,
    a_push_whose_chunks_are_malformed_is_refused_and_stores_nothing,
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

fn an_invalid_request_is_refused_in_json_and_ends_the_connection(engine: Engine) {
    let crick = Crick::start(engine);
    let line = "GET /livez HTTP/1.1\r\n";
    let push = "POST /watson/frames/bulk HTTP/1.1\r\nHost: crick\r\n";
    for (request, status, why) in [
        (format!("{line}\r\n"), 400, "no Host header"),
        (
            format!("{line}Host: a\r\nHost: b\r\n\r\n"),
            400,
            "more than one Host",
        ),
        (format!("{line}Host: ada@a\r\n\r\n"), 400, "not a host"),
        (format!("{line}Host: \r\n\r\n"), 400, "not a host"),
        (
            "GET * HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            400,
            "not a path",
        ),
        (
            "GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            400,
            "not a path",
        ),
        (
            "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n".to_owned(),
            501,
            "CONNECT",
        ),
        (
            format!("{push}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
            400,
            "more than once",
        ),
        (
            format!("{push}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            501,
            "chunked",
        ),
        (
            format!("{line}Host: a\r\nExpect: 200-ok\r\n\r\n"),
            417,
            "100-continue",
        ),
    ] {
        let mut connection = crick.server.connect();
        connection.send(&request);
        let reply = connection.reply().expect("a response");
        let detail = reply.problem(status);
        assert!(detail.contains(why), "{request:?}: {detail}");
        assert!(!reply.header("x-request-id").is_empty(), "it is logged");
        assert!(
            connection.reply().is_none(),
            "the connection ends: {request:?}"
        );
    }
}

fn options_of_the_server_lists_every_method(engine: Engine) {
    let crick = Crick::start(engine);
    let mut connection = crick.server.connect();
    connection.send("OPTIONS * HTTP/1.1\r\nHost: crick\r\n\r\n");
    let reply = connection.reply().expect("a response");
    assert_eq!((reply.status, reply.body.len()), (204, 0));
    assert_eq!(
        reply.header("allow"),
        "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"
    );
}

fn a_whole_url_as_the_target_replaces_the_host(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let body = "{\"name\": \"work\"}";
    let mut connection = crick.server.connect();
    connection.send(&format!(
        "POST http://time.example.org/users/me/feeds HTTP/1.1\r\nHost: other.example\r\n\
         Authorization: Token {}\r\nContent-Length: {}\r\n\r\n{body}",
        alice.token(),
        body.len()
    ));
    let feed = connection.reply().expect("a response").ok(201);
    let url = feed["url"].as_str().expect("an address");
    assert!(
        url.starts_with("http://time.example.org/calendar/"),
        "{url}"
    );
}

fn a_push_whose_chunks_are_malformed_is_refused_and_stores_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let frames = json!([frame()]).to_string();
    let whole = format!("{:x}\r\n{frames}\r\n", frames.len());
    for chunks in [
        format!("{whole}x\r\n"),
        format!("{whole}-1\r\n"),
        format!("{:x}\r\n{frames}0\r\n\r\n", frames.len()),
        format!("{:x}\r\n{frames}", frames.len() + 1),
        whole.clone(),
    ] {
        let mut connection = crick.server.connect();
        connection.send(&format!(
            "POST /watson/frames/bulk/ HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {}\r\n\
             Transfer-Encoding: chunked\r\n\r\n{chunks}",
            laptop.token()
        ));
        connection.finish_sending();
        // A client that has said that it sends no more may be gone.
        if let Some(reply) = connection.reply() {
            let detail = reply.problem(400);
            assert!(detail.contains("chunks"), "{detail}");
        }
        assert!(connection.reply().is_none(), "the connection ends");
        assert!(laptop.pull_everything().is_empty());
    }
}
