//! A database that is restored from a backup: later changes come back from the devices.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::support::{Clock, Crick, Device, Engine, on_both_engines};

on_both_engines![
    everything_done_since_the_backup_comes_back,
    a_device_that_did_nothing_since_the_backup_undoes_nothing,
    an_edit_of_a_frame_that_arrived_after_the_backup_comes_back,
    a_version_older_than_the_backup_is_not_brought_back,
    a_lost_response_while_starting_over_undoes_nothing,
    a_frame_removed_before_the_backup_stays_removed,
    a_new_device_is_sent_everything,
    a_device_is_not_rejected_after_the_end,
];

/// The order in which two devices start over.
pub(super) const ORDERS: [[usize; 2]; 2] = [[0, 1], [1, 0]];

/// A server and two devices of alice.
pub(super) struct Home {
    pub(super) engine: Engine,
    pub(super) crick: Crick,
    pub(super) devices: [Device; 2],
}

impl Home {
    #[track_caller]
    pub(super) fn start(engine: Engine) -> Self {
        let crick = Crick::start(engine);
        let devices = ["a", "b"].map(|name| device(&crick, name));
        Self {
            engine,
            crick,
            devices,
        }
    }

    /// Syncs both devices until both have everything.
    #[track_caller]
    pub(super) fn sync(&mut self) {
        for _ in 0..2 {
            for device in &mut self.devices {
                device.sync();
            }
        }
    }

    /// Makes a backup, performs `something`, and restores the backup.
    #[track_caller]
    pub(super) fn restore_after(mut self, something: impl FnOnce(&mut Self)) -> Self {
        let backup = self.crick.database.back_up(self.engine);
        something(&mut self);
        let crick = self.crick.restore(self.engine, &backup);
        for device in &mut self.devices {
            device.api = device.api.at(&crick.server.address);
        }
        Self { crick, ..self }
    }

    /// Both devices start over, in this order, and sync once more.
    #[track_caller]
    pub(super) fn start_over(&mut self, order: [usize; 2]) {
        for device in order {
            start_over(&mut self.devices[device]);
        }
        self.sync();
    }

    /// Asserts that both devices have exactly these frames, with these projects.
    #[track_caller]
    pub(super) fn assert_projects(&self, expected: &[(Uuid, &str)]) {
        let expected: BTreeMap<Uuid, &str> = expected.iter().copied().collect();
        for device in &self.devices {
            let frames = device.frames();
            let projects = frames.iter().map(|(id, frame)| (*id, &*frame.project));
            assert_eq!(projects.collect::<BTreeMap<_, _>>(), expected);
        }
    }
}

pub(super) fn device(crick: &Crick, name: &str) -> Device {
    Device::new(crick.device(name)).with_clock(Clock::moved_by_hand())
}

/// What a user does when Watson says that the database was restored.
#[track_caller]
pub(super) fn start_over(device: &mut Device) {
    let reason = device.rejected_sync(409);
    for words in ["restored from a backup", "`last_sync`", "sync twice"] {
        assert!(reason.contains(words), "{reason}");
    }
    device.remove_last_sync();
    device.sync();
    device.sync();
}

fn everything_done_since_the_backup_comes_back(engine: Engine) {
    for order in ORDERS {
        let mut home = Home::start(engine);
        let [a, b] = &mut home.devices;
        let [untouched, of_a, of_b] = [a.add("untouched"), a.add("by a"), b.add("by b")];
        home.sync();
        let mut new = [Uuid::nil(); 2];
        let mut home = home.restore_after(|home| {
            let [a, b] = &mut home.devices;
            a.edit(of_a, "edited by a");
            new[0] = a.add("new on a");
            a.sync();
            b.edit(of_b, "edited by b");
            new[1] = b.add("new on b");
            // A has not received it when the backup is restored.
            b.sync();
            a.edit(untouched, "not yet pushed");
        });
        home.start_over(order);
        let mut expected = [
            (untouched, "not yet pushed"),
            (of_a, "edited by a"),
            (of_b, "edited by b"),
            (new[0], "new on a"),
            (new[1], "new on b"),
        ];
        home.assert_projects(&expected);

        // After that, nothing is sent twice.
        let [a, b] = &mut home.devices;
        a.edit(of_a, "edited again");
        assert_eq!(a.sync().received.len(), 0);
        assert_eq!(b.sync().received.len(), 1);
        assert_eq!(a.sync().received.len(), 0);
        expected[1].1 = "edited again";
        home.assert_projects(&expected);
    }
}

fn a_device_that_did_nothing_since_the_backup_undoes_nothing(engine: Engine) {
    for order in ORDERS {
        let mut home = Home::start(engine);
        let [of_a, of_b] = [home.devices[0].add("by a"), home.devices[1].add("by b")];
        home.sync();
        let mut home = home.restore_after(|home| {
            let a = &mut home.devices[0];
            a.edit(of_a, "edited by a");
            a.edit(of_b, "edited by a, too");
            a.sync();
        });
        home.start_over(order);
        home.assert_projects(&[(of_a, "edited by a"), (of_b, "edited by a, too")]);
    }
}

fn an_edit_of_a_frame_that_arrived_after_the_backup_comes_back(engine: Engine) {
    for order in ORDERS {
        let mut home = Home::start(engine);
        home.sync();
        let b = &mut home.devices[1];
        let [edited, other] = [b.add("to be edited"), b.add("other")];
        b.sync();
        let mut home = home.restore_after(|home| {
            let a = &mut home.devices[0];
            assert_eq!(a.sync().received.len(), 2);
            a.edit(edited, "edited by a");
            a.sync();
        });
        home.start_over(order);
        home.assert_projects(&[(edited, "edited by a"), (other, "other")]);
    }
}

fn a_version_older_than_the_backup_is_not_brought_back(engine: Engine) {
    for order in ORDERS {
        let mut home = Home::start(engine);
        let edited = home.devices[0].add("old");
        home.sync();
        let b = &mut home.devices[1];
        b.edit(edited, "newer");
        let new = b.add("new");
        b.sync();
        let mut home = home.restore_after(|_| ());
        home.start_over(order);
        home.assert_projects(&[(edited, "newer"), (new, "new")]);
    }
}

fn a_lost_response_while_starting_over_undoes_nothing(engine: Engine) {
    let mut home = Home::start(engine);
    let id = home.devices[0].add("by a");
    home.sync();
    let mut home = home.restore_after(|_| ());
    let a = &mut home.devices[0];
    a.edit(id, "edited");
    a.rejected_sync(409);
    a.remove_last_sync();
    let mut lost = a.pull();
    a.push(&mut lost);
    a.edit(id, "edited meanwhile");
    let [first, second] = [a.sync(), a.sync()];
    assert_eq!((first.received.len(), second.received.len()), (0, 0));
    start_over(&mut home.devices[1]);
    home.assert_projects(&[(id, "edited meanwhile")]);
}

fn a_frame_removed_before_the_backup_stays_removed(engine: Engine) {
    let mut home = Home::start(engine);
    let [removed, other] = [home.devices[0].add("removed"), home.devices[0].add("other")];
    home.sync();
    let id = removed.to_string();
    let words = ["frame", "remove", "alice", &id];
    home.crick.database.crick(&words).succeeded();
    let mut home = home.restore_after(|_| ());
    home.start_over(ORDERS[0]);
    home.assert_projects(&[(removed, "removed"), (other, "other")]);
    let mut new = device(&home.crick, "new");
    new.sync();
    new.sync();
    assert_eq!(new.ids(), [other]);
}

fn a_new_device_is_sent_everything(engine: Engine) {
    let mut home = Home::start(engine);
    let id = home.devices[0].add("by a");
    home.sync();
    let mut home = home.restore_after(|home| {
        home.devices[0].edit(id, "edited");
        home.devices[0].sync();
    });
    let mut new = device(&home.crick, "new");
    let own = new.add("by the new one");
    new.sync();
    new.sync();
    assert_eq!(new.project(id), Some("by a"), "what exists so far");
    home.start_over(ORDERS[0]);
    new.sync();
    assert_eq!(new.frames(), home.devices[0].frames());
    home.assert_projects(&[(id, "edited"), (own, "by the new one")]);
}

fn a_device_is_not_rejected_after_the_end(engine: Engine) {
    let mut home = Home::start(engine);
    let id = home.devices[0].add("by a");
    home.sync();
    let mut home = home.restore_after(|_| ());
    start_over(&mut home.devices[0]);
    home.devices[0].edit(id, "edited");
    home.devices[0].sync();
    let end = ["restored", "--end"];
    home.crick.database.crick(&end).succeeded();
    home.sync();
    home.assert_projects(&[(id, "edited")]);
}
