//! Concurrent requests of one device: rules 5 and 6 for exclusive tokens.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use super::exclusive::{Pair, pair};
use crate::support::{Crick, Engine, FrameJson, Server, frame, on_both_engines};

on_both_engines![
    a_sync_right_after_another_ends_a_second_after_its_pull,
    a_pull_waits_for_a_push_in_progress,
    a_push_is_rejected_if_another_pull_of_its_token_was_noted,
    a_push_may_arrive_for_longer_than_a_late_note_is_kept,
    of_two_processes_the_later_saved_one_misses_nothing,
    an_edit_between_pull_and_push_is_pushed_by_the_next_sync,
];

/// A push whose head has been sent, but not its body.
struct SlowPush {
    connection: TcpStream,
    body: String,
}

impl SlowPush {
    fn begin(crick: &Crick, token: &str, body: &str) -> Self {
        let mut connection = TcpStream::connect(&crick.server.address).expect("a connection");
        let head = format!(
            "POST /watson/frames/bulk HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        connection.write_all(head.as_bytes()).expect("sent");
        std::thread::sleep(Duration::from_millis(300));
        let body = body.to_owned();
        Self { connection, body }
    }

    /// Sends the body and returns the response.
    fn finish(mut self) -> String {
        let body = self.body.as_bytes();
        self.connection.write_all(body).expect("sent");
        let mut response = String::new();
        let read = self.connection.read_to_string(&mut response);
        read.expect("a response");
        response
    }
}

fn a_sync_right_after_another_ends_a_second_after_its_pull(engine: Engine) {
    let Pair {
        crick: _crick,
        a,
        mut b,
        ..
    } = pair(engine);
    b.add("apollo");
    b.sync();
    a.api.push(&[]);
    let began = Instant::now();
    let received = a.api.get("/watson/frames?last_sync=2040-01-01T00:00:00Z");
    assert_eq!(received.frames().len(), 1);
    a.api.push(&[]);
    assert!(
        began.elapsed() >= Duration::from_millis(990),
        "{:?}",
        began.elapsed()
    );
    // A sync that receives nothing does not wait.
    let began = Instant::now();
    let received = a.api.get("/watson/frames?last_sync=2040-01-01T00:00:09Z");
    assert_eq!(received.frames().len(), 0);
    a.api.push(&[]);
    assert!(
        began.elapsed() < Duration::from_millis(900),
        "{:?}",
        began.elapsed()
    );
}

fn a_pull_waits_for_a_push_in_progress(engine: Engine) {
    let Pair { crick, a, .. } = pair(engine);
    let token = a.api.token().to_owned();
    let body = serde_json::to_string(&[frame()]).expect("JSON");
    let slow = SlowPush::begin(&crick, &token, &body);
    let pulled = std::thread::scope(|scope| {
        let pull = scope.spawn(|| {
            let reply = a.api.get("/watson/frames?last_sync=2040-01-01T00:00:00Z");
            (Instant::now(), reply.frames().len())
        });
        std::thread::sleep(Duration::from_millis(500));
        let sent = Instant::now();
        let response = slow.finish();
        assert!(response.starts_with("HTTP/1.1 201"), "{response}");
        let (at, count) = pull.join().expect("a response");
        assert!(at >= sent, "the pull did not wait for the push");
        count
    });
    assert_eq!(pulled, 0, "the frame is the device's own");
}

fn version(id: Uuid, project: &str) -> FrameJson {
    let mut frame = frame();
    (frame["id"], frame["project"]) = (json!(id), json!(project));
    frame
}

fn a_push_is_rejected_if_another_pull_of_its_token_was_noted(engine: Engine) {
    let Pair {
        crick, a, mut b, ..
    } = pair(engine);
    let other = Server::start(&crick.database, &[]);
    let (id, token) = (Uuid::new_v4(), a.api.token().to_owned());
    let body = serde_json::to_string(&[version(id, "old")]).expect("JSON");
    let slow = SlowPush::begin(&crick, &token, &body);
    b.add("by b");
    b.sync();
    // The device's next sync reaches another server, which does not know of the push.
    let elsewhere = a.api.at(&other.address);
    let received = elsewhere.get("/watson/frames?last_sync=2040-01-01T00:00:00Z");
    assert_eq!(received.frames().len(), 1);
    elsewhere.push(&[version(id, "new")]);
    let response = slow.finish();
    assert!(response.starts_with("HTTP/1.1 503"), "{response}");
    assert!(
        response.contains("another sync of this device is running"),
        "{response}"
    );
    let stored = a.api.pull_everything();
    let stored = stored.iter().find(|frame| frame["id"] == id.to_string());
    assert_eq!(stored.expect("the frame")["project"], "new");
}

fn a_push_may_arrive_for_longer_than_a_late_note_is_kept(engine: Engine) {
    let Pair { crick, a, .. } = pair(engine);
    let other = Server::start(&crick.database, &[]);
    let token = a.api.token().to_owned();
    // Nothing is returned, so the pull is noted late; another server does not know of it when the
    // push arrives.
    let servers = [&crick.server, &other];
    for (server, last_sync) in servers.into_iter().zip(["2040-01-01", "2041-01-01"]) {
        let api = a.api.at(&server.address);
        let pulled = api.get(&format!("/watson/frames?last_sync={last_sync}T00:00:00Z"));
        assert_eq!(pulled.frames().len(), 0);
        let body = serde_json::to_string(&[frame()]).expect("JSON");
        let slow = SlowPush::begin(&crick, &token, &body);
        // Late notes are written after two seconds, and kept for up to four more.
        std::thread::sleep(Duration::from_secs(8));
        let response = slow.finish();
        assert!(response.starts_with("HTTP/1.1 201"), "{response}");
    }
}

fn of_two_processes_the_later_saved_one_misses_nothing(engine: Engine) {
    let Pair {
        crick: _crick,
        mut a,
        mut b,
        ..
    } = pair(engine);
    // A timer's sync pulls, then a person's, which is sent one more frame. The timer's saves last
    // and overwrites it.
    b.add("before both pulls");
    b.sync();
    let mut timer = a.pull();
    assert_eq!(timer.received.len(), 1);
    let id = b.add("between the pulls");
    b.sync();
    let mut person = a.pull();
    assert_eq!(person.received.len(), 2);
    a.push(&mut person);
    a.push(&mut timer);
    a.finish(&person);
    a.finish(&timer);
    assert_eq!(a.project(id), None);
    a.sync();
    assert_eq!(a.project(id), Some("between the pulls"));
}

fn an_edit_between_pull_and_push_is_pushed_by_the_next_sync(engine: Engine) {
    let Pair {
        crick: _crick,
        mut a,
        mut b,
        ..
    } = pair(engine);
    let id = a.add("apollo");
    a.sync();
    b.sync();
    let mut sync = b.pull();
    a.edit(id, "gemini");
    a.sync();
    b.push(&mut sync);
    b.finish(&sync);
    b.sync();
    assert_eq!(b.project(id), Some("gemini"));
    assert_eq!(a.sync().received.len(), 0);
}
