//! Two devices of one person, a token each, and nothing goes wrong.

use crate::support::{Clock, Crick, Device, Engine, Wire, on_both_engines};

on_both_engines![
    a_new_frame_reaches_the_other_device,
    a_later_frame_reaches_the_other_device_in_every_zone,
    an_edit_reaches_the_other_device,
    an_edit_is_not_undone_on_its_own_device,
    a_rename_reaches_the_other_device,
    a_removed_frame_does_not_come_back,
    the_later_of_two_synced_edits_wins_on_both_devices,
    two_unsynced_edits_end_as_one_on_both_devices,
    a_push_between_the_others_pull_and_its_end_arrives,
    clocks_ten_minutes_apart_lose_nothing,
    a_sync_with_nothing_new_moves_nothing,
    old_and_new_clients_understand_each_other,
    a_device_that_joins_late_gets_everything,
];

/// A server and two devices that have synced once.
struct Pair {
    _crick: Crick,
    a: Device,
    b: Device,
}

impl Pair {
    #[track_caller]
    fn start(engine: Engine) -> Self {
        let mut pair = Self::unsynced(engine);
        pair.a.sync();
        pair.b.sync();
        pair
    }

    /// Clocks moved by hand: with a token each, a device's clock means nothing to the server.
    #[track_caller]
    fn unsynced(engine: Engine) -> Self {
        let crick = Crick::start(engine);
        let a = Device::new(crick.device("a")).with_clock(Clock::moved_by_hand());
        let b = Device::new(crick.device("b")).with_clock(Clock::moved_by_hand());
        Self {
            _crick: crick,
            a,
            b,
        }
    }

    #[track_caller]
    fn assert_agree(&self) {
        assert_eq!(self.a.frames(), self.b.frames());
    }
}

fn a_new_frame_reaches_the_other_device(engine: Engine) {
    let mut pair = Pair::unsynced(engine);
    let id = pair.a.add("apollo");
    let sync = pair.a.sync();
    assert_eq!((sync.received.len(), sync.pushed.len()), (0, 1));
    assert_eq!(pair.b.sync().received.len(), 1);
    assert_eq!(pair.b.project(id), Some("apollo"));
    pair.assert_agree();
}

fn a_later_frame_reaches_the_other_device_in_every_zone(engine: Engine) {
    let crick = Crick::start(engine);
    let mut a = Device::new(crick.device("a"));
    a.sync();
    let mut others = [
        ("UTC", 0),
        ("Paris", 60),
        ("Tokyo", 540),
        ("New York", -300),
        ("Kathmandu", 345),
    ]
    .map(|(zone, minutes)| (zone, Device::new(crick.device(zone)).with_zone(minutes)));
    for (_, device) in &mut others {
        device.sync();
    }
    let id = a.add("apollo");
    a.sync();
    for (zone, device) in &mut others {
        let received = device.sync().received;
        assert_eq!(received.keys().collect::<Vec<_>>(), [&id], "in {zone}");
    }
    for (zone, device) in &mut others {
        assert_eq!(device.sync().received.len(), 0, "once is enough in {zone}");
    }
}

fn an_edit_reaches_the_other_device(engine: Engine) {
    let mut pair = Pair::start(engine);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.b.sync();
    pair.a.edit(id, "gemini");
    pair.a.sync();
    pair.b.sync();
    assert_eq!(pair.b.project(id), Some("gemini"));
    pair.assert_agree();
}

fn an_edit_is_not_undone_on_its_own_device(engine: Engine) {
    let mut pair = Pair::start(engine);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.a.edit(id, "gemini");
    let sync = pair.a.sync();
    assert_eq!((sync.received.len(), sync.pushed.len()), (0, 1));
    assert_eq!(pair.a.project(id), Some("gemini"));
}

fn a_rename_reaches_the_other_device(engine: Engine) {
    let mut pair = Pair::start(engine);
    let ids = ["apollo", "apollo", "mercury"].map(|project| pair.a.add(project));
    pair.a.sync();
    pair.b.sync();
    pair.a.rename("apollo", "gemini");
    pair.a.sync();
    pair.b.sync();
    assert_eq!(
        ids.map(|id| pair.b.project(id)),
        [Some("gemini"), Some("gemini"), Some("mercury")]
    );
    pair.assert_agree();
}

fn a_removed_frame_does_not_come_back(engine: Engine) {
    let mut pair = Pair::start(engine);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.b.sync();
    pair.a.remove(id);
    for _ in 0..2 {
        pair.a.sync();
        pair.b.sync();
    }
    assert_eq!(pair.a.project(id), None, "removed where it was removed");
    assert_eq!(
        pair.b.project(id),
        Some("apollo"),
        "nobody can tell the other device"
    );
}

fn the_later_of_two_synced_edits_wins_on_both_devices(engine: Engine) {
    let mut pair = Pair::start(engine);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.b.sync();
    pair.a.edit(id, "by a");
    pair.a.sync();
    pair.b.sync();
    pair.b.edit(id, "by b");
    pair.b.sync();
    pair.a.sync();
    assert_eq!(pair.a.project(id), Some("by b"));
    pair.assert_agree();
}

fn two_unsynced_edits_end_as_one_on_both_devices(engine: Engine) {
    let mut pair = Pair::start(engine);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.b.sync();
    pair.a.edit(id, "by a");
    pair.b.edit(id, "by b");
    pair.a.sync();
    pair.b.sync();
    pair.a.sync();
    // B was told of A's edit before it could push its own.
    assert_eq!(pair.a.project(id), Some("by a"));
    pair.assert_agree();
}

fn a_push_between_the_others_pull_and_its_end_arrives(engine: Engine) {
    let mut pair = Pair::start(engine);
    let mut of_a = pair.a.pull();
    let id = pair.b.add("apollo");
    pair.b.sync();
    pair.a.push(&mut of_a);
    pair.a.finish(&of_a);
    assert_eq!(pair.a.project(id), None);
    pair.a.sync();
    assert_eq!(pair.a.project(id), Some("apollo"));
}

fn clocks_ten_minutes_apart_lose_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let mut devices = [0, 600, -600].map(|seconds| {
        let api = crick.device(&format!("clock {seconds} seconds ahead"));
        Device::new(api).with_clock(Clock::ahead(seconds))
    });
    for device in &mut devices {
        device.sync();
    }
    let mut id = None;
    for writer in 0..devices.len() {
        let project = format!("by {writer}");
        match id {
            None => id = Some(devices[writer].add(&project)),
            Some(id) => devices[writer].edit(id, &project),
        }
        devices[writer].sync();
        for device in &mut devices {
            device.sync();
        }
        for device in &devices {
            assert_eq!(id.and_then(|id| device.project(id)), Some(project.as_str()));
        }
    }
}

fn a_sync_with_nothing_new_moves_nothing(engine: Engine) {
    let mut pair = Pair::start(engine);
    pair.a.add("apollo");
    pair.a.sync();
    pair.b.sync();
    for device in [&mut pair.a, &mut pair.b] {
        for _ in 0..3 {
            let sync = device.sync();
            assert_eq!((sync.received.len(), sync.pushed.len()), (0, 0));
        }
    }
}

fn old_and_new_clients_understand_each_other(engine: Engine) {
    let mut pair = Pair::unsynced(engine);
    pair.a = pair.a.with_wire(Wire::StartAt);
    let first = pair.a.add("from the old one");
    pair.a.sync();
    pair.b.sync();
    pair.b.edit(first, "edited by the new one");
    let second = pair.b.add("from the new one");
    pair.b.sync();
    pair.a.sync();
    assert_eq!(pair.a.project(first), Some("edited by the new one"));
    assert_eq!(pair.a.project(second), Some("from the new one"));
    pair.assert_agree();
}

fn a_device_that_joins_late_gets_everything(engine: Engine) {
    let mut pair = Pair::unsynced(engine);
    for number in 0..5 {
        let id = pair.a.add(&format!("project {number}"));
        pair.a.sync();
        pair.a.edit(id, &format!("renamed {number}"));
        pair.a.sync();
    }
    assert_eq!(pair.b.sync().received.len(), 5);
    pair.assert_agree();
}
