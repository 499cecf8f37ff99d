//! The rules for a token that belongs to one device, one by one. `store/sync/exclusive.rs` states them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use uuid::Uuid;

use crate::support::{Clock, Crick, Device, Engine, FrameJson, Server, on_both_engines};

on_both_engines![
    a_response_that_arrives_late_sends_a_device_nothing_of_its_own,
    a_clock_that_is_set_back_sends_a_device_nothing_of_its_own,
    two_servers_whose_device_is_late_agree,
    a_lost_first_response_does_not_undo_edits,
    a_device_restored_from_a_backup_one_sync_old_gets_its_last_frames_back,
    an_owed_frame_that_was_deleted_meanwhile_is_not_sent,
    an_old_backup_is_recognized_although_nothing_happened_in_its_sync,
    the_notes_of_a_user_who_is_removed_hold_up_no_others,
    a_backup_older_than_what_is_remembered_is_sent_everything,
    a_sync_right_after_another_ends_a_second_after_its_pull,
    a_pull_waits_for_a_push_that_is_under_way,
    a_push_is_rejected_if_another_pull_of_its_token_was_noted,
    a_push_may_arrive_for_longer_than_a_late_note_is_kept,
    of_two_processes_the_later_saved_one_misses_nothing,
    an_edit_between_pull_and_push_is_pushed_by_the_next_sync,
    everything_is_sent_again_when_the_owner_asks_for_it,
    a_token_that_two_devices_use_becomes_shared_and_both_are_sent_everything,
];

struct Pair {
    crick: Crick,
    clock: Clock,
    a: Device,
    b: Device,
}

/// Two devices of one user, each with a token and a clock of its own, that have synced.
fn pair(engine: Engine) -> Pair {
    let crick = Crick::start(engine);
    let clock = Clock::moved_by_hand();
    let mut a = Device::new(crick.device("a")).with_clock(clock.clone());
    let mut b = Device::new(crick.device("b")).with_clock(Clock::moved_by_hand());
    a.sync();
    b.sync();
    Pair { crick, clock, a, b }
}

/// A push whose head has arrived, and its body not yet.
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

    /// The response after the body was sent.
    fn finish(mut self) -> String {
        let body = self.body.as_bytes();
        self.connection.write_all(body).expect("sent");
        let mut response = String::new();
        let read = self.connection.read_to_string(&mut response);
        read.expect("a response");
        response
    }
}

/// A sync whose last response arrives so many seconds late.
fn sync_late(device: &mut Device, clock: &Clock, seconds: i64) -> usize {
    let mut sync = device.pull();
    device.push(&mut sync);
    clock.step(seconds);
    device.finish(&sync);
    sync.received.len()
}

fn a_response_that_arrives_late_sends_a_device_nothing_of_its_own(engine: Engine) {
    for seconds in [1, 3, 10, 60, 600] {
        let Pair {
            crick: _crick,
            clock,
            mut a,
            mut b,
        } = pair(engine);
        let id = a.add("apollo");
        sync_late(&mut a, &clock, seconds);
        a.edit(id, "gemini");
        let received = [a.sync(), a.sync(), a.sync()].map(|sync| sync.received.len());
        assert_eq!(received, [0, 0, 0], "{seconds} s late");
        assert_eq!(a.project(id), Some("gemini"), "{seconds} s late");
        b.sync();
        assert_eq!(a.frames(), b.frames());
    }
}

fn a_clock_that_is_set_back_sends_a_device_nothing_of_its_own(engine: Engine) {
    let Pair {
        crick: _crick,
        clock,
        mut a,
        mut b,
    } = pair(engine);
    let id = a.add("apollo");
    a.sync();
    for seconds in [-3, -3_600, 7_200, -40] {
        clock.step(seconds);
        let mut sync = a.pull_now();
        assert_eq!(sync.received.len(), 0, "a clock set by {seconds} s");
        a.push(&mut sync);
        a.finish(&sync);
        a.edit(id, &format!("after {seconds}"));
        assert_eq!(a.sync().received.len(), 0, "a clock set by {seconds} s");
    }
    b.sync();
    assert_eq!(a.frames(), b.frames());
}

fn two_servers_whose_device_is_late_agree(engine: Engine) {
    let Pair {
        crick,
        clock,
        mut a,
        mut b,
    } = pair(engine);
    let other = Server::start(&crick.database, &[]);
    let servers = [crick.server.address.clone(), other.address.clone()];
    let id = a.add("apollo");
    for round in 0..6 {
        a.api = a.api.at(&servers[round % 2]);
        let received = sync_late(&mut a, &clock, 4);
        assert_eq!(received, 0, "round {round}");
        a.edit(id, &format!("version {round}"));
    }
    a.sync();
    b.sync();
    assert_eq!(b.project(id), Some("version 5"));
    drop(other);
}

fn a_lost_first_response_does_not_undo_edits(engine: Engine) {
    let crick = Crick::start(engine);
    let clock = Clock::moved_by_hand();
    clock.step(-4_000);
    let mut a = Device::new(crick.device("a")).with_clock(clock);
    let id = a.add("apollo");
    let mut lost = a.pull();
    a.push(&mut lost);
    a.edit(id, "gemini");
    assert_eq!(a.sync().received.len(), 0);
    a.edit(id, "mercury");
    assert_eq!(a.sync().received.len(), 0);
    assert_eq!(a.project(id), Some("mercury"));
}

fn a_device_restored_from_a_backup_one_sync_old_gets_its_last_frames_back(engine: Engine) {
    let Pair {
        crick: _crick,
        mut a,
        mut b,
        ..
    } = pair(engine);
    let backup = a.clone();
    let last = a.add("pushed after the backup");
    a.sync();
    let mut a = backup;
    a.sync();
    a.sync();
    assert_eq!(a.project(last), Some("pushed after the backup"));
    b.sync();
    assert_eq!(a.frames(), b.frames());
}

fn an_owed_frame_that_was_deleted_meanwhile_is_not_sent(engine: Engine) {
    let Pair { crick, mut a, .. } = pair(engine);
    let backup = a.clone();
    let last = a.add("pushed after the backup");
    a.sync();
    let mut a = backup;
    a.sync();
    let delete = ["frame", "remove", "alice", &last.to_string()];
    crick.database.crick(&delete).succeeded();
    a.sync();
    assert_eq!(a.project(last), None);
}

/// How many past syncs the server has written down.
fn past_syncs(crick: &Crick) -> i64 {
    crick.database.number("SELECT count(*) FROM past_syncs")
}

/// Waits until the notes that may come late have been written.
fn wait_for_late_notes(crick: &Crick, count: i64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while past_syncs(crick) < count {
        assert!(Instant::now() < deadline, "late notes are not written");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn an_old_backup_is_recognized_although_nothing_happened_in_its_sync(engine: Engine) {
    let Pair {
        crick,
        mut a,
        mut b,
        ..
    } = pair(engine);
    let before = past_syncs(&crick);
    a.sync();
    a.sync();
    let backup = a.clone();
    a.sync();
    wait_for_late_notes(&crick, before + 2);
    let lost = a.add("pushed after the backup");
    a.sync();
    b.add("by b");
    b.sync();
    a.sync();
    a.sync();
    let mut a = backup;
    a.sync();
    a.sync();
    assert_eq!(a.project(lost), Some("pushed after the backup"));
    assert_eq!(a.frames().len(), 2);
}

fn the_notes_of_a_user_who_is_removed_hold_up_no_others(engine: Engine) {
    let Pair {
        crick,
        mut a,
        mut b,
        ..
    } = pair(engine);
    crick.database.add_user("carol");
    let mut c = Device::new(crick.device_of("carol", "c")).with_clock(Clock::moved_by_hand());
    for device in [&mut a, &mut b, &mut c] {
        device.sync();
        device.sync();
    }
    let noted = "SELECT count(*) FROM past_syncs";
    let remove = ["user", "remove", "carol", "--yes"];
    crick.database.crick(&remove).succeeded();
    let before = crick.database.number(noted);
    wait_for_late_notes(&crick, before + 2);
}

fn a_backup_older_than_what_is_remembered_is_sent_everything(engine: Engine) {
    let Pair { crick, mut a, .. } = pair(engine);
    a.add("apollo");
    a.sync();
    let backup = a.clone();
    a.sync();
    let id = a.add("gemini");
    a.sync();
    wait_for_late_notes(&crick, 3);
    // As if more than a thousand syncs had followed, more than 13 months ago.
    let age = "UPDATE past_syncs SET noted_at = 0, number = number - 2000 WHERE last_sync > 0";
    crick.database.execute(age);
    let old = past_syncs(&crick);
    for _ in 0..70 {
        a.sync();
    }
    let forgotten = "SELECT count(*) FROM device_syncs WHERE forgotten_before > 0";
    let deadline = Instant::now() + Duration::from_secs(30);
    while crick.database.number(forgotten) == 0 {
        assert!(Instant::now() < deadline, "{old} old past syncs are kept");
        std::thread::sleep(Duration::from_millis(200));
    }
    let mut a = backup;
    a.sync();
    assert_eq!(a.project(id), Some("gemini"));
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
    // One that receives nothing need not wait.
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

fn a_pull_waits_for_a_push_that_is_under_way(engine: Engine) {
    let Pair { crick, a, .. } = pair(engine);
    let token = a.api.token().to_owned();
    let body = serde_json::to_string(&[crate::support::frame()]).expect("JSON");
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

/// A frame as JSON, with this id and project.
fn version(id: Uuid, project: &str) -> FrameJson {
    let mut frame = crate::support::frame();
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
    // Nothing is returned, so the pull is noted late; another server does not know of it when the push arrives.
    let servers = [&crick.server, &other];
    for (server, last_sync) in servers.into_iter().zip(["2040-01-01", "2041-01-01"]) {
        let api = a.api.at(&server.address);
        let pulled = api.get(&format!("/watson/frames?last_sync={last_sync}T00:00:00Z"));
        assert_eq!(pulled.frames().len(), 0);
        let body = serde_json::to_string(&[crate::support::frame()]).expect("JSON");
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
    // A timer's sync pulls, then a person's, which is sent one frame more; the timer's saves last and overwrites it.
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

fn everything_is_sent_again_when_the_owner_asks_for_it(engine: Engine) {
    let Pair { crick, mut a, .. } = pair(engine);
    let ids = [a.add("apollo"), a.add("gemini")];
    a.sync();
    a.remove(ids[0]);
    a.sync();
    assert_eq!(a.frames().len(), 1);
    let resend = ["token", "resend", "alice", "--device", "a"];
    crick.database.crick(&resend).succeeded();
    assert_eq!(a.sync().received.len(), 2);
    assert_eq!(a.frames().len(), 2);
    assert_eq!(a.sync().received.len(), 0);
}

fn a_token_that_two_devices_use_becomes_shared_and_both_are_sent_everything(engine: Engine) {
    let Pair { crick, mut a, .. } = pair(engine);
    a.add("apollo");
    a.sync();
    a.sync();
    // As if two devices had synced in turn for some minutes: each presents the end of its own previous sync.
    let ends = [
        1_000, 1_010, 1_016, 1_030, 1_197, 1_222, 1_250, 1_410, 1_428,
    ];
    let presented = |at: usize| at.checked_sub(2).map_or(900 + 10 * at, |own| ends[own]);
    let syncs: Vec<[usize; 2]> = (ends.iter().enumerate())
        .map(|(at, end)| [presented(at) * 1_000_000, end * 1_000_000])
        .collect();
    let usage = serde_json::to_string(&syncs).expect("JSON");
    crick.database.execute(&format!(
        "UPDATE device_syncs SET revision = revision + 1, usage = '{usage}', pushed_at = 1428000000 \
         WHERE token_id = (SELECT id FROM api_tokens WHERE device = 'a')"
    ));
    let found = "SELECT count(*) FROM api_tokens WHERE is_shared AND found_shared_at IS NOT NULL";
    assert_eq!(crick.database.number(found), 0);
    let pulled = a.api.get("/watson/frames?last_sync=1970-01-01T00:23:30Z");
    assert_eq!(pulled.frames().len(), 1, "everything");
    assert_eq!(crick.database.number(found), 1);
    a.api.push(&[]);
    // The other device, whose sync was the latest before.
    let pulled = a.api.get("/watson/frames?last_sync=1970-01-01T00:23:48Z");
    assert_eq!(pulled.frames().len(), 1, "everything");
    a.api.push(&[]);
    let list = crick
        .database
        .crick(&["token", "list", "alice"])
        .succeeded();
    assert!(list.stdout.contains("used by two devices"), "{list:?}");
    let log = crick.server.log.events();
    let is_told = |event: &serde_json::Value| {
        let message = event["fields"]["message"].as_str().unwrap_or_default();
        event["level"] == "WARN" && message.contains("used by two devices")
    };
    assert!(log.iter().any(is_told), "{log:?}");
}
