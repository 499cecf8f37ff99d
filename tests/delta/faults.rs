//! A device with an exclusive token when something is lost: responses, files, tokens, servers.

use crate::support::{Clock, Crick, Device, Engine, Server, on_both_engines};

on_both_engines![
    a_sync_interrupted_after_its_pull_is_sent_the_same_again,
    a_push_whose_response_was_lost_is_not_sent_back_to_its_device,
    an_edit_after_a_lost_response_is_not_undone,
    a_wiped_device_gets_everything_its_own_frames_included,
    a_wiped_device_syncs_on_like_any_other,
    a_device_restored_from_a_backup_loses_nothing,
    a_recreated_token_continues_where_the_old_one_stopped,
    a_restarted_server_remembers_every_device,
    a_script_that_only_pushes_reaches_every_device,
];

/// A server and two synced devices with clocks of their own: the server compares no clocks.
fn pair(engine: Engine) -> (Crick, Device, Device) {
    let crick = Crick::start(engine);
    let mut a = Device::new(crick.device("a")).with_clock(Clock::moved_by_hand());
    let mut b = Device::new(crick.device("b")).with_clock(Clock::moved_by_hand());
    a.sync();
    b.sync();
    (crick, a, b)
}

fn a_sync_interrupted_after_its_pull_is_sent_the_same_again(engine: Engine) {
    let (_crick, mut a, mut b) = pair(engine);
    let ids = [a.add("apollo"), a.add("gemini")];
    a.sync();
    let lost = b.pull();
    assert_eq!(lost.received.len(), 2);
    let also_lost = b.pull();
    assert_eq!(also_lost.received, lost.received);
    let late = a.add("mercury");
    a.sync();
    assert_eq!(b.sync().received.len(), 3);
    assert_eq!(
        [ids[0], ids[1], late].map(|id| b.project(id)),
        ["apollo", "gemini", "mercury"].map(Some)
    );
    assert_eq!(b.sync().received.len(), 0);
}

fn a_push_whose_response_was_lost_is_not_sent_back_to_its_device(engine: Engine) {
    let (_crick, mut a, mut b) = pair(engine);
    let id = a.add("apollo");
    let mut lost = a.pull();
    a.push(&mut lost);
    drop(lost);
    let sync = a.sync();
    assert_eq!((sync.received.len(), sync.pushed.len()), (0, 1));
    b.sync();
    assert_eq!(b.project(id), Some("apollo"));
    assert_eq!(a.frames(), b.frames());
}

fn an_edit_after_a_lost_response_is_not_undone(engine: Engine) {
    let (_crick, mut a, mut b) = pair(engine);
    let id = a.add("apollo");
    let mut lost = a.pull();
    a.push(&mut lost);
    drop(lost);
    a.edit(id, "gemini");
    a.sync();
    assert_eq!(a.project(id), Some("gemini"));
    a.edit(id, "mercury");
    a.sync();
    b.sync();
    assert_eq!(a.project(id), Some("mercury"));
    assert_eq!(a.frames(), b.frames());
}

fn a_wiped_device_gets_everything_its_own_frames_included(engine: Engine) {
    let (_crick, mut a, mut b) = pair(engine);
    a.add("apollo");
    a.sync();
    b.add("gemini");
    b.sync();
    a.sync();
    let before = a.frames();
    a.wipe();
    assert_eq!(a.sync().received.len(), 2);
    assert_eq!(a.frames(), before);
}

fn a_wiped_device_syncs_on_like_any_other(engine: Engine) {
    let (_crick, mut a, mut b) = pair(engine);
    let id = a.add("apollo");
    a.sync();
    b.sync();
    a.wipe();
    a.sync();
    a.edit(id, "gemini");
    let sync = a.sync();
    assert_eq!((sync.received.len(), sync.pushed.len()), (0, 1));
    assert_eq!(a.project(id), Some("gemini"), "the edit is not undone");
    b.sync();
    b.edit(id, "mercury");
    b.sync();
    a.sync();
    assert_eq!(a.project(id), Some("mercury"));
    assert_eq!(a.frames(), b.frames());
}

fn a_device_restored_from_a_backup_loses_nothing(engine: Engine) {
    let (_crick, mut a, mut b) = pair(engine);
    a.add("before the backup");
    a.sync();
    let backup = a.clone();
    for number in 0..3 {
        a.add(&format!("a's after the backup, {number}"));
        a.sync();
        b.add(&format!("b's after the backup, {number}"));
        b.sync();
    }
    a.sync();
    let before = a.frames();
    let mut restored = backup;
    restored.sync();
    // What it pushed in the sync that it repeats now might have been pending in the backup; the push shows that it was not.
    restored.sync();
    assert_eq!(restored.frames(), before);
    let late = b.add("after the restoration");
    b.sync();
    restored.sync();
    assert_eq!(restored.project(late), Some("after the restoration"));
    b.sync();
    assert_eq!(restored.frames(), b.frames());
}

fn a_recreated_token_continues_where_the_old_one_stopped(engine: Engine) {
    let (crick, mut a, mut b) = pair(engine);
    let id = a.add("apollo");
    a.sync();
    crick
        .database
        .crick(&["token", "revoke", "alice", "--device", "a"])
        .succeeded();
    a.api.get("/watson/projects").problem(401);
    a.api = crick.device("a");
    let of_b = b.add("gemini");
    b.sync();
    a.edit(id, "mercury");

    let received: Vec<_> = a.sync().received.into_keys().collect();

    assert_eq!(
        received,
        [of_b],
        "what it wrote under the old token is its own"
    );
    assert_eq!(a.project(id), Some("mercury"), "the edit is not undone");
    b.sync();
    assert_eq!(a.frames(), b.frames());
}

fn a_restarted_server_remembers_every_device(engine: Engine) {
    let (crick, mut a, mut b) = pair(engine);
    let id = a.add("apollo");
    a.sync();
    let crick = crick.crash_and_restart(Server::kill);
    a.api = a.api.at(&crick.server.address);
    b.api = b.api.at(&crick.server.address);
    a.edit(id, "gemini");
    assert_eq!(a.sync().received.len(), 0);
    assert_eq!(b.sync().received.len(), 1);
    assert_eq!(a.frames(), b.frames());
    assert_eq!(b.sync().received.len(), 0);
}

fn a_script_that_only_pushes_reaches_every_device(engine: Engine) {
    let (crick, mut a, mut b) = pair(engine);
    let script = crick.device("script");
    for _ in 0..3 {
        script.push(&[crate::support::frame()]);
    }
    assert_eq!(a.sync().received.len(), 3);
    assert_eq!(b.sync().received.len(), 3);
    assert_eq!(a.frames(), b.frames());
}
