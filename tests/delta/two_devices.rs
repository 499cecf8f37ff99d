//! Two devices with exclusive tokens and without faults, on one server and on two.

use super::instances::{Deployment, Instances};
use crate::support::{Clock, Device, Engine, Wire, on_both_engines};

/// Declares each function as a test of one server on either engine, and of two on PostgreSQL.
macro_rules! on_one_server_and_on_two {
    ($($promise:ident),+ $(,)?) => {
        on_both_engines![$($promise),+];

        mod two_instances {
            $(#[test] fn $promise() {
                if let Some(engine) = super::Engine::postgres() {
                    super::$promise(super::Deployment::of_two(engine));
                }
            })+
        }
    };
}

on_one_server_and_on_two![
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
    a_sync_with_nothing_new_transfers_nothing,
    old_and_new_clients_understand_each_other,
    a_device_that_joins_late_gets_everything,
];

/// Two devices that have synced once, each with a server of its own if there are two.
struct Pair {
    _instances: Instances,
    a: Device,
    b: Device,
}

impl Pair {
    #[track_caller]
    fn start(deployment: impl Into<Deployment>) -> Self {
        let mut pair = Self::unsynced(deployment);
        pair.a.sync();
        pair.b.sync();
        pair
    }

    /// With simulated clocks, which the server ignores for exclusive tokens.
    #[track_caller]
    fn unsynced(deployment: impl Into<Deployment>) -> Self {
        let mut instances = deployment.into().start();
        let a = Device::new(instances.device("a")).with_clock(Clock::moved_by_hand());
        let b = Device::new(instances.device("b")).with_clock(Clock::moved_by_hand());
        Self {
            _instances: instances,
            a,
            b,
        }
    }

    #[track_caller]
    fn assert_agree(&self) {
        assert_eq!(self.a.frames(), self.b.frames());
    }
}

fn a_new_frame_reaches_the_other_device(deployment: impl Into<Deployment>) {
    let mut pair = Pair::unsynced(deployment);
    let id = pair.a.add("apollo");
    let sync = pair.a.sync();
    assert_eq!((sync.received.len(), sync.pushed.len()), (0, 1));
    assert_eq!(pair.b.sync().received.len(), 1);
    assert_eq!(pair.b.project(id), Some("apollo"));
    pair.assert_agree();
}

fn a_later_frame_reaches_the_other_device_in_every_zone(deployment: impl Into<Deployment>) {
    let mut instances = deployment.into().start();
    let mut a = Device::new(instances.device("a"));
    a.sync();
    let mut others = [
        ("UTC", 0),
        ("Paris", 60),
        ("Tokyo", 540),
        ("New York", -300),
        ("Kathmandu", 345),
    ]
    .map(|(zone, minutes)| (zone, Device::new(instances.device(zone)).with_zone(minutes)));
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

fn an_edit_reaches_the_other_device(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.b.sync();
    pair.a.edit(id, "gemini");
    pair.a.sync();
    pair.b.sync();
    assert_eq!(pair.b.project(id), Some("gemini"));
    pair.assert_agree();
}

fn an_edit_is_not_undone_on_its_own_device(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.a.edit(id, "gemini");
    let sync = pair.a.sync();
    assert_eq!((sync.received.len(), sync.pushed.len()), (0, 1));
    assert_eq!(pair.a.project(id), Some("gemini"));
}

fn a_rename_reaches_the_other_device(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
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

fn a_removed_frame_does_not_come_back(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
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
        "Watson has no message for a removal"
    );
}

fn the_later_of_two_synced_edits_wins_on_both_devices(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
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

fn two_unsynced_edits_end_as_one_on_both_devices(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
    let id = pair.a.add("apollo");
    pair.a.sync();
    pair.b.sync();
    pair.a.edit(id, "by a");
    pair.b.edit(id, "by b");
    pair.a.sync();
    pair.b.sync();
    pair.a.sync();
    // B received A's edit before it could push its own.
    assert_eq!(pair.a.project(id), Some("by a"));
    pair.assert_agree();
}

fn a_push_between_the_others_pull_and_its_end_arrives(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
    let mut of_a = pair.a.pull();
    let id = pair.b.add("apollo");
    pair.b.sync();
    pair.a.push(&mut of_a);
    pair.a.finish(&of_a);
    assert_eq!(pair.a.project(id), None);
    pair.a.sync();
    assert_eq!(pair.a.project(id), Some("apollo"));
}

fn clocks_ten_minutes_apart_lose_nothing(deployment: impl Into<Deployment>) {
    let mut instances = deployment.into().start();
    let mut devices = [0, 600, -600].map(|seconds| {
        let api = instances.device(&format!("clock {seconds} seconds ahead"));
        let clock = Clock::moved_by_hand();
        clock.step(seconds);
        Device::new(api).with_clock(clock)
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

fn a_sync_with_nothing_new_transfers_nothing(deployment: impl Into<Deployment>) {
    let mut pair = Pair::start(deployment);
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

fn old_and_new_clients_understand_each_other(deployment: impl Into<Deployment>) {
    let mut pair = Pair::unsynced(deployment);
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

fn a_device_that_joins_late_gets_everything(deployment: impl Into<Deployment>) {
    let mut pair = Pair::unsynced(deployment);
    for number in 0..5 {
        let id = pair.a.add(&format!("project {number}"));
        pair.a.sync();
        pair.a.edit(id, &format!("renamed {number}"));
        pair.a.sync();
    }
    assert_eq!(pair.b.sync().received.len(), 5);
    pair.assert_agree();
}
