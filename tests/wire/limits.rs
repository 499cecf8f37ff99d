//! Limits on the size and the duration of requests.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Crick, Engine, RawConnection, Reply, frame, on_both_engines, padded};

on_both_engines![
    a_push_above_the_limit_is_413,
    a_body_without_end_is_cut_off,
    a_push_at_the_limit_is_accepted,
    a_client_that_is_slow_with_its_headers_is_cut_off,
    a_client_that_is_slow_with_its_body_is_cut_off,
    a_body_that_keeps_arriving_may_take_longer_than_a_request,
    a_body_that_stalls_is_cut_off,
    a_body_that_trickles_is_cut_off,
    the_time_of_a_body_does_not_count_against_the_request,
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
        // A client that expects `100 Continue` gets the response before it sends the body.
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

/// The response to a client that was cut off, if any. Checks that it came in time.
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

/// Sends a body in pieces with a pause after each.
fn send_slowly(connection: &mut RawConnection, body: &str, piece: usize, pause: Duration) {
    for start in (0..body.len()).step_by(piece) {
        let end = body.len().min(start + piece);
        if !connection.try_send(&body[start..end]) {
            return;
        }
        std::thread::sleep(pause);
    }
}

/// The server has one connection to its database, which other requests use meanwhile.
fn a_body_that_keeps_arriving_may_take_longer_than_a_request(engine: Engine) {
    let options = ["--request-timeout", "1", "--database-connections", "1"];
    let crick = Crick::start_with(engine, &options);
    let (laptop, phone) = (crick.device("laptop"), crick.device("phone"));
    let body = padded(&json!([frame()]), 40 << 10);
    let mut connection = connect(&crick);
    connection.send_push_head(laptop.token(), body.len());
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| {
            let pause = Duration::from_millis(400);
            send_slowly(&mut connection, &body, 4 << 10, pause);
            connection.reply().expect("a response")
        });
        let mut pushes = 0;
        while !slow.is_finished() {
            phone.push(&[frame()]);
            pushes += 1;
        }
        assert!(pushes > 1, "the others wait");
        assert_eq!(slow.join().expect("no panic").status, 201);
    });
    assert!(!laptop.pull_everything().is_empty());
}

fn a_body_that_stalls_is_cut_off(engine: Engine) {
    let crick = Crick::start_with(engine, &["--request-timeout", "1"]);
    let laptop = crick.device("laptop");
    let mut connection = connect(&crick);
    connection.send_push_head(laptop.token(), 1 << 20);
    connection.send(&" ".repeat(16 << 10));
    let began = Instant::now();
    if let Some(reply) = cut_off(connection) {
        reply.problem(408);
    }
    assert!(
        began.elapsed() > Duration::from_secs(2),
        "it was fast enough"
    );
    assert_eq!(laptop.push_text("[]").status, 201, "the server lives on");
}

fn a_body_that_trickles_is_cut_off(engine: Engine) {
    let crick = Crick::start_with(engine, &["--request-timeout", "2"]);
    let laptop = crick.device("laptop");
    let mut connection = connect(&crick);
    let body = padded(&json!([]), 8 << 10);
    connection.send_push_head(laptop.token(), body.len());
    let began = Instant::now();
    send_slowly(&mut connection, &body, 512, Duration::from_millis(500));
    if let Some(reply) = connection.reply() {
        reply.problem(408);
    }
    assert!(began.elapsed() < Duration::from_secs(15));
}

/// The body takes nearly the whole request timeout.
fn the_time_of_a_body_does_not_count_against_the_request(engine: Engine) {
    let crick = Crick::start_with(engine, &["--request-timeout", "3"]);
    let laptop = crick.device("laptop");
    let frames: Vec<_> = (0..2_000).map(|_| frame()).collect();
    let body = json!(frames).to_string();
    let (most, last) = body.split_at(body.len() - 1);
    let mut connection = connect(&crick);
    connection.send_push_head(laptop.token(), body.len());
    connection.send(most);
    std::thread::sleep(Duration::from_millis(2_950));
    connection.send(last);
    assert_eq!(connection.reply().expect("a response").status, 201);
}
