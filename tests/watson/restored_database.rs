//! Real Watsons bring back what was done since the backup that a database was restored from.

use std::path::Path;

use super::device::WatsonDevice;
use super::install::{VERSIONS, watson};
use crate::support::{Clock, Crick, Engine, on_both_engines};

on_both_engines![
    watson_shows_what_to_do_and_brings_back_later_changes,
    watsons_of_a_shared_token_bring_everything_with_new_tokens,
];

fn watson_shows_what_to_do_and_brings_back_later_changes(engine: Engine) {
    for (version, order) in VERSIONS.into_iter().zip([[0, 1], [1, 0]]) {
        let Some(python) = watson(version) else {
            return;
        };
        let crick = Crick::start(engine);
        let tokens = ["a", "b"].map(|name| crick.database.create_token("alice", name));
        let devices = tokens.map(|token| device(&python, &crick, &token));
        restore(engine, crick, &devices, order, |_| ());
    }
}

fn watsons_of_a_shared_token_bring_everything_with_new_tokens(engine: Engine) {
    let Some(python) = watson("2.1.0") else {
        return;
    };
    let crick = Crick::start(engine);
    let token = (crick.database).create_token_with("alice", "both", &["--shared"]);
    let devices = [(); 2].map(|()| device(&python, &crick, &token));
    restore(engine, crick, &devices, [0, 1], |crick| {
        for (device, name) in devices.iter().zip(["a", "b"]) {
            let ran = device.try_sync().failed();
            assert!(ran.output().contains("a token for each device"), "{ran:?}");
            configure(device, "token", &crick.database.create_token("alice", name));
        }
    });
}

fn device(python: &Path, crick: &Crick, token: &str) -> WatsonDevice {
    WatsonDevice::new(
        python.to_owned(),
        "Asia/Tokyo",
        &crick.server.watson_url(),
        token,
    )
}

fn configure(device: &WatsonDevice, key: &str, value: &str) {
    let key = format!("backend.{key}");
    device.watson(&["config", &key, value]).succeeded();
}

fn restore(
    engine: Engine,
    crick: Crick,
    devices: &[WatsonDevice; 2],
    order: [usize; 2],
    before: impl FnOnce(&Crick),
) {
    let [a, b] = devices;
    let ids = [a.add("untouched"), a.add("by a"), b.add("by b")];
    sync_in_turn(&[a, b, a]);
    let backup = crick.database.back_up(engine);
    rename(a, "by a", "renamed by a");
    let mut new = vec![a.add("new on a")];
    sync_in_turn(&[a]);
    rename(b, "by b", "renamed by b");
    new.push(b.add("new on b"));
    sync_in_turn(&[b]);
    rename(a, "untouched", "not yet pushed");

    let crick = crick.restore(engine, &backup);
    for device in devices {
        configure(device, "url", &crick.server.watson_url());
    }
    before(&crick);
    for device in order.map(|at| &devices[at]) {
        let ran = device.try_sync().failed();
        let output = ran.output();
        assert!(
            output.contains("sync twice") && output.contains("last_sync"),
            "{ran:?}"
        );
        assert!(!output.contains("Traceback"), "{ran:?}");
        device.remove_last_sync();
        sync_in_turn(&[device, device]);
    }
    sync_in_turn(&[a, b]);
    let projects = [
        "not yet pushed",
        "renamed by a",
        "renamed by b",
        "new on a",
        "new on b",
    ];
    for device in devices {
        for (id, project) in ids.iter().chain(&new).zip(projects) {
            assert_eq!(device.project(id).as_deref(), Some(project));
        }
        assert_eq!(device.frames().len(), projects.len());
        assert_eq!(device.sync().received, 0);
    }
}

/// Syncs the devices in turn, far enough apart for a shared token.
fn sync_in_turn(devices: &[&WatsonDevice]) {
    for device in devices {
        device.sync();
        Clock::right().pass(Clock::right().second() + 1);
    }
}

/// Watson does not push what changed in the second of its last sync.
fn rename(device: &WatsonDevice, old: &str, new: &str) {
    Clock::right().pass(Clock::right().second());
    device.watson(&["rename", "project", old, new]).succeeded();
}
