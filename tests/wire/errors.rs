//! Every failure is JSON that says what is wrong: Watson parses it, or shows it to the user.

use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![
    an_unknown_path_is_404,
    a_wrong_method_is_405_and_names_the_right_ones,
    no_valid_token_is_401,
    a_refusal_leaves_the_connection_usable_or_says_that_it_ends,
    a_compressed_push_is_415,
    broken_http_is_rejected_without_harm,
];

fn an_unknown_path_is_404(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    for path in [
        "/watson",
        "/watson/",
        "/watson/nothing",
        "/watson/frames/bulk/more",
        "/%00",
        "/watson//frames",
    ] {
        laptop.get(path).problem(404);
        crick.stranger().get(path).problem(404);
    }
}

fn a_wrong_method_is_405_and_names_the_right_ones(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let wrong = [
        ("DELETE", "/watson/frames", "GET"),
        ("PUT", "/watson/frames/", "GET"),
        ("POST", "/watson/projects/", "GET"),
        ("GET", "/watson/frames/bulk", "POST"),
        ("PATCH", "/watson/frames/bulk/", "POST"),
    ];
    for (method, path, right) in wrong {
        let reply = match method {
            "GET" | "DELETE" => laptop.request(method, path, &[]),
            _ => laptop.request_with_body(method, path, &[], b"[]"),
        };
        reply.problem(405);
        let allowed: Vec<&str> = reply.header("allow").split(',').map(str::trim).collect();
        assert!(
            allowed.contains(&right),
            "{method} {path}: Allow: {allowed:?}"
        );
        assert!(
            !allowed.contains(&method),
            "{method} {path}: Allow: {allowed:?}"
        );
    }
}

fn no_valid_token_is_401(engine: Engine) {
    let crick = Crick::start(engine);
    let token = crick.device("laptop").token().to_owned();
    let stranger = crick.stranger();
    let wrong = [
        String::new(),
        "Token".to_owned(),
        "Token ".to_owned(),
        "Token nonsense".to_owned(),
        format!("Token {token}x"),
        format!("Token {}", &token[..token.len() - 1]),
        format!("Token {token} {token}"),
        "Basic YWxpY2U6YWxpY2U=".to_owned(),
    ];
    for path in [
        "/watson/projects/",
        "/watson/frames/?last_sync=1970-01-01T00:00:00Z",
    ] {
        stranger.get(path).problem(401);
        for authorization in &wrong {
            stranger
                .request("GET", path, &[("Authorization", authorization)])
                .problem(401);
        }
    }
    stranger.push_text("[]").problem(401);
}

/// A proxy reuses connections: one that ends without notice breaks the next request.
fn a_refusal_leaves_the_connection_usable_or_says_that_it_ends(engine: Engine) {
    let crick = Crick::start(engine);
    let heads = [
        "POST /watson/frames/bulk/ HTTP/1.1\r\nAuthorization: Token wrong",
        "POST /watson/frames/bulk/ HTTP/1.1\r\nAuthorization: Token \u{e9}\u{e9}",
        "POST /no/such/page HTTP/1.1",
        "PUT /watson/frames/bulk/ HTTP/1.1",
    ];
    for head in heads {
        let mut connection = crick.server.connect();
        connection.send(&format!(
            "{head}\r\nHost: crick\r\nContent-Length: 200000\r\n\r\n"
        ));
        connection.try_send(&" ".repeat(200_000));
        let refusal = connection.reply();
        let refusal = refusal.unwrap_or_else(|| panic!("{head}: no answer"));
        refusal.problem(refusal.status);
        if refusal.header("connection") == "close" {
            continue;
        }
        connection.try_send("GET /livez HTTP/1.1\r\nHost: crick\r\n\r\n");
        let next = connection
            .reply()
            .unwrap_or_else(|| panic!("{head}: the connection ended"));
        assert_eq!(next.status, 200, "{head}");
    }
}

fn a_compressed_push_is_415(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let gzip = [
        0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff, 0x8b, 0x8e, 5, 0, 0x29, 0xbb, 0x4c, 0x0d, 2, 0, 0, 0,
    ];
    let headers = [
        ("Content-Encoding", "gzip"),
        ("Content-Type", "application/json"),
    ];
    laptop
        .request_with_body("POST", "/watson/frames/bulk/", &headers, &gzip)
        .problem(415);
}

fn broken_http_is_rejected_without_harm(engine: Engine) {
    let crick = Crick::start(engine);
    for nonsense in [
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{16}\u{3}\u{1}",
        "GET / HTTP/1.1\r\nHost crick\r\n\r\n",
    ] {
        let mut connection = crick.server.connect();
        connection.send(nonsense);
        connection.finish_sending();
        if let Some(reply) = connection.reply() {
            assert!(
                (400..500).contains(&reply.status),
                "{nonsense:?}: {reply:?}"
            );
        }
    }
    assert_eq!(
        crick.device("laptop").pull_everything().len(),
        0,
        "the server lives on"
    );
}
