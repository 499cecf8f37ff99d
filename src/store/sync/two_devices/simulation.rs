//! Checks that two devices are detected, and that one device with every fault is not.

mod device;

use fastrand::Rng;

use device::{Delays, Device, Habits, Schedule, Token};

use crate::store::db::clock::SECOND;

fn histories() -> u64 {
    let number = std::env::var("SYNC_HISTORIES").ok();
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(1_000)
}

#[test]
fn one_device_is_not_mistaken_for_two() {
    let mut alarms = Vec::new();
    for seed in 0..histories() {
        let rng = &mut Rng::with_seed(seed);
        let mut token = Token::default();
        let mut device = Device::new(rng, 0);
        let syncs = rng.usize(50..300);
        for _ in 0..syncs {
            // The device moves to another network, and its user's habits change.
            if rng.u32(..100) == 0 {
                device.habits = Habits::any(rng);
            }
            device.sync(rng, &mut token);
        }
        if let Some(at) = token.found_at {
            alarms.push((seed, at, device.habits));
        }
    }
    // Some of the delays imitate a second device to the second.
    assert!(
        alarms.len() as u64 <= histories() / 10_000,
        "{} of {}: {:?}",
        alarms.len(),
        histories(),
        &alarms[..alarms.len().min(9)]
    );
}

/// Prints after how many syncs two devices are detected, for each pair of habits.
#[test]
fn two_devices_are_detected() {
    let timer = |every: i64, jitter: i64| Habits {
        schedule: Schedule::Every(every * SECOND),
        jitter: jitter * SECOND,
        ..Habits::QUIET
    };
    let person = Habits {
        schedule: Schedule::Random(1_800 * SECOND),
        ..Habits::QUIET
    };
    let late = Habits {
        delays: Delays::Sometimes(600 * SECOND),
        ..person
    };
    let cases = [
        ("two people", person, person),
        ("a person and a timer of 300 s", person, timer(300, 0)),
        (
            "timers of 300 s, up to 30 s late",
            timer(300, 30),
            timer(300, 30),
        ),
        ("timers of 60 s, up to 5 s late", timer(60, 5), timer(60, 5)),
        ("timers of 60 s and 300 s", timer(60, 1), timer(300, 1)),
        ("timers of 300 s, exact", timer(300, 0), timer(300, 0)),
        ("two people, late responses", late, late),
    ];
    println!(
        "| habits | clocks | 50 % | 90 % | 99 % | never in 300 syncs |\n\
         | --- | --- | --- | --- | --- | --- |"
    );
    for (name, first, second) in cases {
        for apart in [0, 7, 3_600] {
            let mut found: Vec<usize> = Vec::new();
            let number = 200;
            for seed in 0..number {
                let rng = &mut Rng::with_seed(seed);
                found.extend(run_two(rng, first, second, apart));
            }
            found.sort_unstable();
            let at = |share: usize| {
                found
                    .get(share * number as usize / 100)
                    .map_or("-".to_owned(), usize::to_string)
            };
            let never = number as usize - found.len();
            assert!(never == 0 || !name.starts_with("two people"), "{never}");
            println!(
                "| {name} | {apart} s apart | {} | {} | {} | {never} of {number} |",
                at(50),
                at(90),
                at(99)
            );
        }
    }
}

/// The number of syncs of both devices from the second one's first to the alarm.
fn run_two(rng: &mut Rng, first: Habits, second: Habits, apart: i64) -> Option<usize> {
    let mut token = Token::default();
    let mut devices = [Device::new(rng, 0), Device::new(rng, apart * SECOND)];
    devices.iter_mut().for_each(Device::set_clock_right);
    devices[0].habits = first;
    devices[1].habits = second;
    for _ in 0..rng.usize(1..20) {
        devices[0].sync(rng, &mut token);
    }
    let now = devices[0].next;
    devices[1].next = now + rng.i64(0..600 * SECOND);
    if rng.bool() {
        devices[1].last_sync = devices[0].last_sync; // The whole folder was copied.
    }
    let joined_at = token.syncs;
    for _ in 0..300 {
        let which = usize::from(devices[1].next < devices[0].next);
        devices[which].sync(rng, &mut token);
        if let Some(at) = token.found_at {
            return Some(at - joined_at);
        }
    }
    None
}
