//! Runs the rules against Watson's algorithm, in random histories that are dense in faults.
//!
//! Devices, servers and the database are simulated; the decisions are the real ones. A history's
//! number is its seed, so every run is the same. `SYNC_HISTORIES` sets how many of each mix are
//! run.

mod checks;
mod database;
mod event;
mod limits;
mod mix;
mod mutant;
mod promise;
mod server;
mod syncs;
mod tally;
mod watson;
mod world;

use std::time::Instant;

use mix::Mix;
use mutant::{Mutant, Rules};
use promise::Kind;
use tally::{Rares, Tally};

/// The number of histories after which a tally is checked.
const PORTION: u64 = 200;
/// A planted bug must be found within this many histories of each mix.
const MAX_HISTORIES: u64 = 12_000;

fn histories() -> u64 {
    let number = std::env::var("SYNC_HISTORIES").ok();
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(1_000)
}

fn assert_only_allowed_violations(mix: Mix, histories: u64) {
    let rules = Rules::default();
    let mut tally = Tally::default();
    tally.add(mix, rules, 0..histories);
    println!("{mix:?}\n{tally}");
    let violation = find_violation(mix, &tally);
    let explained = violation.map(|key| tally.explain(mix, rules, &key));
    assert_eq!(explained, None);
}

/// The general mixes also have limits on how often each promise is broken.
fn find_violation(mix: Mix, tally: &Tally) -> Option<(Rares, Kind)> {
    let is_general = matches!(mix, Mix::OneFaulty | Mix::Full);
    tally.find_violation().or_else(|| {
        if is_general {
            tally.find_excess()
        } else {
            None
        }
    })
}

#[test]
fn histories_of_one_faulty_device_break_only_the_promises_that_are_listed() {
    assert_only_allowed_violations(Mix::OneFaulty, histories());
}

#[test]
fn histories_with_every_fault_break_only_the_promises_that_are_listed() {
    assert_only_allowed_violations(Mix::Full, histories());
}

#[test]
fn histories_with_many_rare_events_break_only_the_promises_that_are_listed() {
    for mix in Mix::SPECIAL {
        assert_only_allowed_violations(mix, histories() / 10);
    }
}

#[test]
fn every_planted_bug_is_found() {
    for mutant in Mutant::ALL {
        let rules = Rules(Some(mutant));
        let began = Instant::now();
        let mut tallies = Vec::from([Mix::Full, Mix::OneFaulty].map(|mix| (mix, Tally::default())));
        tallies.extend(Mix::SPECIAL.map(|mix| (mix, Tally::default())));
        let mut number = 0;
        let (mix, (rares, kind)) = 'found: loop {
            for (mix, tally) in &mut tallies {
                tally.add(*mix, rules, number..number + PORTION);
                if let Some(key) = find_violation(*mix, tally) {
                    break 'found (*mix, key);
                }
            }
            number += PORTION;
            assert!(number < MAX_HISTORIES, "{mutant:?} is not found");
        };
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{mutant:?}: {kind:?}, {rares:?} in {mix:?}, {} histories, {seconds:.1} s",
            number + PORTION
        );
    }
}
