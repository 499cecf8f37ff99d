//! Whatever the interleaving, every device ends with every frame, all agree, and no edit is undone.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::test_runner::{Config, TestRunner};

use super::interleaving::{Interleaving, Step, histories};
use crate::support::{Clock, Crick, Device, Engine, Listening, LocalServer, on_both_engines};

on_both_engines![
    devices_with_a_token_each_agree_whatever_their_clocks,
    devices_that_share_a_token_agree,
];

const DEVICES: usize = 3;

/// Devices of a new user, so that histories on one server do not meet.
fn devices<S: Listening>(
    crick: &Crick<S>,
    user: usize,
    clock: impl Fn(usize) -> Clock,
    one_token: bool,
) -> Vec<Device> {
    let login = format!("user{user}");
    crick.database.add_user(&login);
    let shared = one_token.then(|| crick.shared_by_devices_of(&login));
    (0..DEVICES)
        .map(|number| {
            let api = match &shared {
                Some(api) => api.clone(),
                None => crick.device_of(&login, &format!("device {number}")),
            };
            Device::new(api)
                .with_clock(clock(number))
                .with_zone([0, 540, -300][number])
        })
        .collect()
}

fn live(devices: Vec<Device>, own_tokens: bool, history: &[Step]) {
    let mut interleaving = Interleaving::begin(devices, own_tokens);
    for step in history {
        interleaving.perform(step);
    }
    interleaving.end();
}

fn devices_with_a_token_each_agree_whatever_their_clocks(engine: Engine) {
    let crick = Crick::with_manual_clock(engine);
    let clocks = [0, 600, -600].map(|seconds| crick.clock_ahead(seconds));
    assert_agree(&crick, &clocks, 40, false);
}

fn devices_that_share_a_token_agree(engine: Engine) {
    let crick = Crick::with_manual_clock(engine);
    let clocks = [(); DEVICES].map(|()| crick.clock());
    assert_agree(&crick, &clocks, 16, true);
}

/// Lives 24 histories of up to `steps` steps. The server's time passes with that of the devices.
fn assert_agree(
    crick: &Crick<LocalServer>,
    clocks: &[Clock; DEVICES],
    steps: usize,
    one_token: bool,
) {
    let users = AtomicUsize::new(0);
    let config = Config {
        cases: 24,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&histories(DEVICES, steps), |history| {
        let user = users.fetch_add(1, Ordering::Relaxed);
        let devices = devices(crick, user, |number| clocks[number].clone(), one_token);
        live(devices, !one_token, &history);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
