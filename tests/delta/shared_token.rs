//! Two devices with one token, because a configuration was copied, never lose a frame.

use crate::support::{Clock, Crick, Device, Engine, LocalServer, on_both_engines};

on_both_engines![
    two_devices_with_one_token_get_each_others_frames,
    two_new_devices_with_one_token_whose_first_syncs_overlap_lose_nothing,
    two_devices_with_one_token_that_sync_in_the_same_second_lose_nothing,
    a_copied_watson_folder_loses_nothing,
    an_edit_under_a_shared_token_is_not_undone,
];

/// Two devices with the same token.
fn twins(engine: Engine) -> (Crick<LocalServer>, Device, Device) {
    let crick = Crick::with_manual_clock(engine);
    let a = Device::new(crick.shared_by_devices_of("alice")).with_clock(crick.clock());
    let b = a.clone().with_zone(540);
    (crick, a, b)
}

/// Syncs one now and the other in a later second.
fn sync_apart(clock: &Clock, a: &mut Device, b: &mut Device) {
    a.sync();
    clock.pass(clock.second());
    b.sync();
    clock.pass(clock.second());
}

fn two_devices_with_one_token_get_each_others_frames(engine: Engine) {
    let (crick, mut a, mut b) = twins(engine);
    sync_apart(&crick.clock(), &mut a, &mut b);
    for round in 0..3 {
        let of_a = a.add(&format!("by a, {round}"));
        let of_b = b.add(&format!("by b, {round}"));
        sync_apart(&crick.clock(), &mut a, &mut b);
        sync_apart(&crick.clock(), &mut a, &mut b);
        for id in [of_a, of_b] {
            assert!(
                a.project(id).is_some() && b.project(id).is_some(),
                "lost in round {round}"
            );
        }
        assert_eq!(a.frames(), b.frames());
    }
}

fn two_new_devices_with_one_token_whose_first_syncs_overlap_lose_nothing(engine: Engine) {
    let (crick, mut a, mut b) = twins(engine);
    a.add("by a");
    b.add("by b");
    let (mut of_a, mut of_b) = (a.pull(), b.pull());
    a.push(&mut of_a);
    b.push(&mut of_b);
    a.finish(&of_a);
    b.finish(&of_b);
    for _ in 0..2 {
        sync_apart(&crick.clock(), &mut a, &mut b);
    }
    assert_eq!(a.frames().len(), 2);
    assert_eq!(a.frames(), b.frames());
}

fn two_devices_with_one_token_that_sync_in_the_same_second_lose_nothing(engine: Engine) {
    let (crick, mut a, mut b) = twins(engine);
    let clock = crick.clock();
    for round in 0..2 {
        clock.pass(clock.second());
        a.add(&format!("by a, {round}"));
        b.add(&format!("by b, {round}"));
        clock.pass(clock.second());
        a.sync();
        b.sync();
    }
    for _ in 0..2 {
        sync_apart(&crick.clock(), &mut a, &mut b);
    }
    assert_eq!(a.frames().len(), 4);
    assert_eq!(a.frames(), b.frames());
}

/// Syncs both, some seconds apart: copies of one device are told apart by when their syncs end.
fn sync_well_apart(clock: &Clock, a: &mut Device, b: &mut Device) {
    for device in [a, b] {
        device.sync();
        clock.pass(clock.second() + 2);
    }
}

fn a_copied_watson_folder_loses_nothing(engine: Engine) {
    let (crick, mut a, _) = twins(engine);
    a.add("before the copy");
    a.sync();
    let mut b = a.clone();
    for round in 0..2 {
        a.add(&format!("by a, {round}"));
        b.add(&format!("by b, {round}"));
        sync_well_apart(&crick.clock(), &mut a, &mut b);
    }
    for _ in 0..2 {
        sync_well_apart(&crick.clock(), &mut a, &mut b);
    }
    assert_eq!(a.frames().len(), 5);
    assert_eq!(a.frames(), b.frames());
}

fn an_edit_under_a_shared_token_is_not_undone(engine: Engine) {
    let (crick, mut a, mut b) = twins(engine);
    // Times at which nothing is ambiguous: every sync some seconds after the other.
    let apart = |device: &mut Device| {
        let clock = crick.clock();
        clock.pass(clock.second() + 2);
        device.sync();
    };
    apart(&mut a);
    apart(&mut b);
    let id = a.add("apollo");
    apart(&mut a);
    apart(&mut b);
    a.edit(id, "gemini");
    apart(&mut a);
    assert_eq!(a.project(id), Some("gemini"));
    apart(&mut b);
    assert_eq!(b.project(id), Some("gemini"));
    b.edit(id, "mercury");
    apart(&mut b);
    assert_eq!(b.project(id), Some("mercury"));
    apart(&mut a);
    assert_eq!(a.frames(), b.frames());
}
