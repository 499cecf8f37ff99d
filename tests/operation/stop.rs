//! A stop loses no request: those in progress are finished, and those about to arrive are served.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Crick, Engine, RawConnection, frames, on_both_engines};

on_both_engines![
    every_stop_signal_ends_an_idle_server_with_code_0,
    a_push_in_progress_at_the_signal_is_finished,
    an_idle_connection_may_still_send_a_request_after_the_signal,
    a_draining_server_is_not_ready,
    a_second_signal_stops_at_once,
];

/// Sends the signal to stop, and waits until the server logs it.
#[track_caller]
fn begin_stopping(crick: &Crick) {
    crick.server.terminate();
    let heard = crick
        .server
        .log
        .wait_for(|line| line.contains("\"stopping\"").then_some(()));
    heard.expect("the server says that it is stopping");
}

fn every_stop_signal_ends_an_idle_server_with_code_0(engine: Engine) {
    for signal in ["TERM", "INT", "HUP"] {
        let mut crick = Crick::start_with(engine, &["--drain-grace", "1"]);
        crick.server.signal(signal);
        assert_eq!(crick.server.wait().code(), Some(0), "SIG{signal}");
    }
}

fn a_push_in_progress_at_the_signal_is_finished(engine: Engine) {
    let crick = Crick::start_with(engine, &["--drain-grace", "1"]);
    let laptop = crick.device("laptop");
    let body = Value::from(frames(500)).to_string();
    let (half, rest) = body.split_at(body.len() / 2);
    let mut connection = crick.server.connect();
    connection.send_push_head(laptop.token(), body.len());
    connection.send(half);

    begin_stopping(&crick);
    connection.send(rest);

    assert_eq!(connection.reply().expect("an answer").status, 201);
    let crick = crick.crash_and_restart(|mut server| assert_eq!(server.wait().code(), Some(0)));
    assert_eq!(
        laptop.at(&crick.server.address).pull_everything().len(),
        500
    );
}

fn an_idle_connection_may_still_send_a_request_after_the_signal(engine: Engine) {
    let mut crick = Crick::start_with(engine, &["--drain-grace", "5"]);
    let laptop = crick.device("laptop");
    let mut connections: Vec<RawConnection> = (0..4).map(|_| crick.server.connect()).collect();

    begin_stopping(&crick);

    for connection in &mut connections {
        let body = json!([crate::support::frame()]).to_string();
        connection.send_push_head(laptop.token(), body.len());
        connection.send(&body);
        assert_eq!(connection.reply().expect("an answer").status, 201);
    }
    drop(connections);
    assert_eq!(crick.server.wait().code(), Some(0));
}

fn a_draining_server_is_not_ready(engine: Engine) {
    let crick = Crick::start_with(engine, &["--drain-grace", "5"]);
    let mut connection = crick.server.connect();
    begin_stopping(&crick);
    connection.send("GET /readyz HTTP/1.1\r\nHost: crick\r\n\r\n");
    let reply = connection.reply().expect("an answer");
    assert_eq!(reply.status, 503);
    assert!(
        String::from_utf8_lossy(&reply.body).contains("draining"),
        "{reply:?}"
    );
}

fn a_second_signal_stops_at_once(engine: Engine) {
    let mut crick = Crick::start_with(engine, &["--drain-grace", "60", "--drain-deadline", "60"]);
    let laptop = crick.device("laptop");
    let mut connection = crick.server.connect();
    connection.send_push_head(laptop.token(), 100);
    begin_stopping(&crick);
    let began = Instant::now();
    crick.server.terminate();
    crick.server.wait();
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "took {:?}",
        began.elapsed()
    );
}
