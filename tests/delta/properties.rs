//! Whatever the interleaving, every device ends with every frame, all agree, and no edit is undone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};

use super::interleaving::{Interleaving, Step, histories};
use crate::support::{Clock, Crick, Device, Engine, on_both_engines};

on_both_engines![
    devices_with_a_token_each_agree_and_keep_every_edit,
    devices_with_a_token_each_agree_in_real_time,
    devices_that_share_a_token_agree_in_real_time,
];

const DEVICES: usize = 3;

/// Devices of a new user, so that histories on one server do not meet.
fn devices(
    crick: &Crick,
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
        interleaving.take(step);
    }
    interleaving.end();
}

/// Fast, because the devices' clocks jump over the waiting: what they show must not matter with a token each.
fn devices_with_a_token_each_agree_and_keep_every_edit(engine: Engine) {
    let crick = Crick::start(engine);
    let users = AtomicUsize::new(0);
    let config = Config {
        cases: 24,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&histories(DEVICES, 40), |history| {
        let user = users.fetch_add(1, Ordering::Relaxed);
        live(
            devices(&crick, user, |_| Clock::moved_by_hand(), false),
            true,
            &history,
        );
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

fn devices_with_a_token_each_agree_in_real_time(engine: Engine) {
    // One clock is right, one is ahead, one is behind.
    in_real_time(engine, |number| Clock::ahead([0, 600, -600][number]), false);
}

fn devices_that_share_a_token_agree_in_real_time(engine: Engine) {
    in_real_time(engine, |_| Clock::right(), true);
}

/// Histories by the machine's clock take long, mostly waiting for a next second: all of them happen at once.
fn in_real_time(engine: Engine, clock: impl Fn(usize) -> Clock + Sync, one_token: bool) {
    const CASES: usize = 24;
    let crick = Crick::start(engine);
    let mut runner = TestRunner::default();
    let strategy = histories(DEVICES, 16);
    let cases: Vec<(Vec<Device>, Vec<Step>)> = (0..CASES)
        .map(|user| {
            let history = strategy.new_tree(&mut runner).expect("a history").current();
            (devices(&crick, user, &clock, one_token), history)
        })
        .collect();
    let failed: Vec<Vec<Step>> = std::thread::scope(|scope| {
        let lives: Vec<_> = cases
            .into_iter()
            .map(|(devices, history)| {
                scope.spawn(move || {
                    let outcome =
                        catch_unwind(AssertUnwindSafe(|| live(devices, !one_token, &history)));
                    outcome.is_err().then_some(history)
                })
            })
            .collect();
        lives
            .into_iter()
            .filter_map(|life| life.join().expect("caught above"))
            .collect()
    });
    let shortest = failed.iter().min_by_key(|history| history.len());
    assert!(
        failed.is_empty(),
        "{} of {CASES} histories failed, the shortest: {shortest:#?}",
        failed.len()
    );
}
