//! `restored`, the command after restoring a backup.

use crate::support::{Crick, Device, Engine, on_both_engines};

on_both_engines![
    it_can_be_started_once_and_ended,
    devices_that_have_not_synced_from_scratch_are_listed,
];

fn it_can_be_started_once_and_ended(engine: Engine) {
    let crick = Crick::start(engine);
    let mut laptop = Device::new(crick.device("laptop"));
    laptop.add("apollo");
    laptop.sync();
    let restored = |flags: &[&str]| crick.database.crick(&[&["restored"], flags].concat());
    let ran = restored(&[]).succeeded();
    assert!(ran.stderr.contains("sync from scratch"), "{ran:?}");
    laptop.rejected_sync(409);
    assert!(restored(&[]).failed().stderr.contains("--end"));
    restored(&["--end", "--list"]).failed();
    restored(&["--end"]).succeeded();
    laptop.sync();
    let copied = "SELECT count(*) FROM restored_frames";
    assert_eq!(crick.database.number(copied), 0);

    // The database is restored again, from a backup that was made after the first restoration.
    restored(&[]).succeeded();
    assert_eq!(crick.database.number(copied), 1);
    laptop.rejected_sync(409);
    laptop.remove_last_sync();
    laptop.sync();
    laptop.sync();
    restored(&["--end"]).succeeded();
    restored(&[]).succeeded();
    laptop.rejected_sync(409);
}

fn devices_that_have_not_synced_from_scratch_are_listed(engine: Engine) {
    let crick = Crick::start(engine);
    crick.database.add_user("bob");
    let mut laptop = Device::new(crick.device("laptop"));
    let mut phone = Device::new(crick.device_of("bob", "phone"));
    crick.device("never used");
    let list = || {
        let ran = crick.database.crick(&["restored", "--list"]).succeeded();
        ran.stdout
    };
    laptop.sync();
    phone.sync();
    assert_eq!(list(), "");
    crick.database.crick(&["restored"]).succeeded();
    assert_eq!(list(), "alice\tlaptop\nbob\tphone\n");
    laptop.remove_last_sync();
    laptop.sync();
    crick.shared_by_devices_of("alice");
    assert_eq!(list(), "alice\tseveral\nbob\tphone\n");
    crick
        .database
        .crick(&["token", "revoke", "bob", "--device", "phone"])
        .succeeded();
    crick.database.crick(&["restored", "--end"]).succeeded();
    assert_eq!(list(), "");
}
