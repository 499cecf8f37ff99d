//! What a client may not do: send too much, or too slowly.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Crick, Engine, RawConnection, Reply, on_both_engines, padded};

on_both_engines![
    a_push_above_the_limit_is_413,
    a_body_without_end_is_cut_off,
    a_push_at_the_limit_is_accepted,
    a_client_that_is_slow_with_its_headers_is_cut_off,
    a_client_that_is_slow_with_its_body_is_cut_off,
];

fn connect(crick: &Crick) -> RawConnection {
    crick.server.connect()
}

fn a_push_above_the_limit_is_413(engine: Engine) {
    let crick = Crick::start_with(engine, &["--bulk-body-limit", "4096"]);
    let laptop = crick.device("laptop");
    let head = format!(
        "POST /watson/frames/bulk/ HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {}\r\n",
        laptop.token()
    );
    let body = " ".repeat(4097);
    for (name, rest) in [
        ("announced", format!("Content-Length: 4097\r\n\r\n{body}")),
        (
            "in chunks",
            format!("Transfer-Encoding: chunked\r\n\r\n1001\r\n{body}\r\n0\r\n\r\n"),
        ),
        // A client that asks first is answered before it sends.
        (
            "asked for",
            "Content-Length: 4097\r\nExpect: 100-continue\r\n\r\n".to_owned(),
        ),
    ] {
        let mut connection = connect(&crick);
        connection.send(&head);
        connection.send(&rest);
        let reply = connection.reply();
        reply
            .unwrap_or_else(|| panic!("{name}: no answer"))
            .problem(413);
    }
    assert_eq!(laptop.push_text("[]").status, 201, "the server lives on");
}

fn a_body_without_end_is_cut_off(engine: Engine) {
    let crick = Crick::start_with(engine, &["--bulk-body-limit", "4096"]);
    let laptop = crick.device("laptop");
    let mut connection = connect(&crick);
    connection.send_push_head(laptop.token(), 1 << 40);
    let chunk = " ".repeat(1 << 16);
    let most = 4_096;
    let sent = (0..most)
        .take_while(|_| connection.try_send(&chunk))
        .count();
    assert!(sent < most, "the server read {sent} times 64 KiB");
}

fn a_push_at_the_limit_is_accepted(engine: Engine) {
    let crick = Crick::start_with(engine, &["--bulk-body-limit", "4096"]);
    let laptop = crick.device("laptop");
    assert_eq!(laptop.push_text(&padded(&json!([]), 4096)).status, 201);
    laptop.push_text(&padded(&json!([]), 4097)).problem(413);
}

/// The answer to a client that was cut off, which may also be none; checks that it did not take for ever.
fn cut_off(mut connection: RawConnection) -> Option<Reply> {
    let began = Instant::now();
    let reply = connection.reply();
    let waited = began.elapsed();
    assert!(
        waited < Duration::from_secs(15),
        "cut off only after {waited:?}"
    );
    reply
}

fn a_client_that_is_slow_with_its_headers_is_cut_off(engine: Engine) {
    let crick = Crick::start_with(engine, &["--header-timeout", "1"]);
    let mut connection = connect(&crick);
    connection.send("GET /watson/projects/ HTTP/1.1\r\nHost: cri");
    if let Some(reply) = cut_off(connection) {
        reply.problem(408);
    }
}

fn a_client_that_is_slow_with_its_body_is_cut_off(engine: Engine) {
    let crick = Crick::start_with(engine, &["--request-timeout", "1"]);
    let laptop = crick.device("laptop");
    let mut connection = connect(&crick);
    connection.send_push_head(laptop.token(), 1000);
    connection.send("[");
    if let Some(reply) = cut_off(connection) {
        reply.problem(408);
    }
    assert_eq!(laptop.push_text("[]").status, 201, "the server lives on");
}
