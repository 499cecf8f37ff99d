//! The rules for exclusive tokens, one by one. `store/sync/exclusive.rs` states them.

use std::time::{Duration, Instant};

use crate::support::{Clock, Crick, Device, Engine, Server, on_both_engines};

on_both_engines![
    a_response_that_arrives_late_sends_a_device_nothing_of_its_own,
    a_clock_that_is_set_back_sends_a_device_nothing_of_its_own,
    two_servers_whose_device_is_late_agree,
    a_lost_first_response_does_not_undo_edits,
    a_device_restored_from_a_backup_one_sync_old_gets_its_last_frames_back,
    an_owed_frame_that_was_deleted_meanwhile_is_not_sent,
    an_old_backup_is_recognized_although_nothing_happened_in_its_sync,
    notes_of_a_deleted_user_do_not_delay_others,
    a_backup_older_than_what_is_remembered_is_sent_everything,
    everything_is_sent_again_when_the_owner_asks_for_it,
    a_token_that_two_devices_use_becomes_shared_and_both_are_sent_everything,
];

/// Two devices of one user, each with its own token and clock, that have synced.
pub(super) struct Pair {
    pub(super) crick: Crick,
    pub(super) clock: Clock,
    pub(super) a: Device,
    pub(super) b: Device,
}

pub(super) fn pair(engine: Engine) -> Pair {
    let crick = Crick::start(engine);
    let clock = Clock::moved_by_hand();
    let mut a = Device::new(crick.device("a")).with_clock(clock.clone());
    let mut b = Device::new(crick.device("b")).with_clock(Clock::moved_by_hand());
    a.sync();
    b.sync();
    Pair { crick, clock, a, b }
}

/// Syncs with a push whose response arrives late.
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

fn past_syncs(crick: &Crick) -> i64 {
    crick.database.number("SELECT count(*) FROM past_syncs")
}

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

fn notes_of_a_deleted_user_do_not_delay_others(engine: Engine) {
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
    let remove = ["user", "remove", "carol", "--yes"];
    crick.database.crick(&remove).succeeded();
    // Two of each device of alice; those of carol are deleted with her.
    wait_for_late_notes(&crick, 4);
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
    // Pretend that this was more than a thousand syncs and 13 months ago.
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
    // Pretend that two devices have synced in turn for some minutes, each presenting the end of its
    // own previous sync.
    let ends = [
        1_000, 1_010, 1_016, 1_030, 1_197, 1_222, 1_250, 1_410, 1_428,
    ];
    let presented = |at: usize| at.checked_sub(2).map_or(900 + 10 * at, |own| ends[own]);
    let syncs: Vec<[usize; 2]> = (ends.iter().enumerate())
        .map(|(at, end)| [presented(at) * 1_000_000, end * 1_000_000])
        .collect();
    let usage = serde_json::to_string(&syncs).expect("JSON");
    crick.database.execute(&format!(
        "UPDATE device_syncs SET revision = revision + 1, usage = '{usage}', pushed_at = \
         1428000000 \
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
    let is_reported = |event: &serde_json::Value| {
        let message = event["fields"]["message"].as_str().unwrap_or_default();
        event["level"] == "WARN" && message.contains("used by two devices")
    };
    assert!(log.iter().any(is_reported), "{log:?}");
}
