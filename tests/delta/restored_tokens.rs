//! A database that is restored from a backup, and devices whose tokens are missing or shared.

use uuid::Uuid;

use super::restored_database::{Home, ORDERS, device, start_over};
use crate::support::{Clock, Crick, Device, Engine, on_both_engines};

on_both_engines![
    a_device_whose_token_is_not_in_the_backup_brings_its_edits,
    an_old_device_with_a_new_token_undoes_nothing,
    devices_of_a_shared_token_get_tokens_of_their_own,
];

fn a_device_whose_token_is_not_in_the_backup_brings_its_edits(engine: Engine) {
    let mut home = Home::start(engine);
    let [old, other] = [home.devices[0].add("old"), home.devices[0].add("other")];
    home.sync();
    let mut late = None;
    let mut home = home.restore_after(|home| {
        let mut device = device(&home.crick, "late");
        device.sync();
        device.edit(old, "edited on the late one");
        device.edit(other, "edited, too");
        device.sync();
        late = Some(device);
    });
    let mut late = late.expect("it is there");
    late.api = late.api.at(&home.crick.server.address);
    late.rejected_sync(401);
    late.api = home.crick.device("late");
    start_over(&mut late);
    home.start_over(ORDERS[0]);
    home.assert_projects(&[(old, "edited on the late one"), (other, "edited, too")]);
    assert_eq!(late.frames(), home.devices[0].frames());
}

fn an_old_device_with_a_new_token_undoes_nothing(engine: Engine) {
    let mut home = Home::start(engine);
    let [edited, same] = [home.devices[0].add("old"), home.devices[0].add("same")];
    home.sync();
    let b = &mut home.devices[1];
    b.edit(edited, "newer");
    let new = b.add("new");
    b.sync();
    let mut home = home.restore_after(|_| ());
    home.devices[0].api = home.crick.device("another name");
    home.start_over(ORDERS[0]);
    home.assert_projects(&[(edited, "newer"), (same, "same"), (new, "new")]);
}

fn devices_of_a_shared_token_get_tokens_of_their_own(engine: Engine) {
    for order in ORDERS {
        let crick = Crick::start(engine);
        let api = crick.shared_by_devices_of("alice");
        let devices = [(); 2].map(|()| Device::new(api.clone()));
        let mut home = Home {
            engine,
            crick,
            devices,
        };
        let of_a = home.devices[0].add("by a");
        sync_well_apart(&mut home.devices);
        let mut new = Uuid::nil();
        let mut home = home.restore_after(|home| {
            home.devices[0].edit(of_a, "edited by a");
            new = home.devices[1].add("new on b");
            sync_well_apart(&mut home.devices);
        });
        for (device, name) in home.devices.iter_mut().zip(["a", "b"]) {
            let reason = device.rejected_sync(409);
            assert!(reason.contains("a token for each device"), "{reason}");
            device.api = home.crick.device(name);
        }
        home.start_over(order);
        home.assert_projects(&[(of_a, "edited by a"), (new, "new on b")]);
    }
}

/// Of a shared token's devices that sync within seconds it is uncertain whose sync was which.
fn sync_well_apart(devices: &mut [Device; 2]) {
    let clock = Clock::right();
    for device in devices {
        device.sync();
        clock.pass(clock.second() + 2);
    }
}
