//! Real Watsons that share one token, because somebody copied the configuration: no frame is lost.

use super::device::WatsonDevice;
use super::install::{VERSIONS, watson};
use crate::support::{Clock, Crick, Engine, on_both_engines};

on_both_engines![
    two_watsons_with_one_token_lose_nothing,
    an_old_and_a_new_watson_understand_each_other,
];

fn two_watsons_with_one_token_lose_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    std::thread::scope(|scope| {
        for version in VERSIONS {
            scope.spawn(|| share_a_token(&crick, version));
        }
    });
}

fn share_a_token(crick: &Crick, version: &'static str) {
    let Some(python) = watson(version) else {
        return;
    };
    let login = format!("user-of-{version}");
    crick.database.add_user(&login);
    let token = crick.database.create_token(&login, "both");
    let [a, b] = ["Europe/Paris", "America/New_York"]
        .map(|zone| WatsonDevice::new(python.clone(), zone, &crick.server.watson_url(), &token));
    let mut ids = Vec::new();
    for round in 0..3 {
        ids.push(a.add(&format!("by a {round}")));
        ids.push(b.add(&format!("by b {round}")));
        sync_apart(&[&a, &b]);
    }
    a.edit(&ids[0], "edited by a");
    sync_apart(&[&a, &b, &a]);
    assert_eq!(a.frames().len(), ids.len(), "Watson {version}");
    assert_eq!(a.frames(), b.frames(), "Watson {version}");
    assert_eq!(
        b.project(&ids[0]).as_deref(),
        Some("edited by a"),
        "Watson {version}"
    );
}

/// Syncs in turn, two seconds apart: of nearer ones it is uncertain whose was which, and everything is sent again, over an
/// edit that has not been pushed, too.
fn sync_apart(devices: &[&WatsonDevice]) {
    let clock = Clock::right();
    for device in devices {
        device.sync();
        clock.pass(clock.second() + 1);
    }
}

fn an_old_and_a_new_watson_understand_each_other(engine: Engine) {
    let (Some(new), Some(old)) = (watson("2.1.0"), watson("1.9.0")) else {
        return;
    };
    let crick = Crick::start(engine);
    let device = |python, name: &str| {
        let token = crick.database.create_token("alice", name);
        WatsonDevice::new(python, "Asia/Tokyo", &crick.server.watson_url(), &token)
    };
    let (new, old) = (device(new, "new"), device(old, "old"));
    let ids = [new.add("from the new one"), old.add("from the old one")];
    new.sync();
    old.sync();
    old.edit(&ids[0], "edited by the old one");
    new.sync();
    new.edit(&ids[1], "edited by the new one");
    old.sync();
    new.sync();
    old.sync();
    assert_eq!(new.frames(), old.frames());
    assert_eq!(
        old.project(&ids[0]).as_deref(),
        Some("edited by the old one")
    );
    assert_eq!(
        old.project(&ids[1]).as_deref(),
        Some("edited by the new one")
    );
}
