//! The rules against Watson's own algorithm, in random histories that are dense in faults.
//!
//! Devices, servers and the database are simulated; the decisions are the real ones. The histories follow from their
//! numbers, so every run is the same. `SYNC_HISTORIES` sets how many of each mix are run.

mod database;
mod event;
mod limits;
mod mutant;
mod promise;
mod server;
mod tally;
mod watson;
mod world;

use std::time::Instant;

use event::Mix;
use mutant::{Mutant, Rules};
use promise::Kind;
use tally::{Rares, Tally};

/// The histories after which a tally is examined.
const PORTION: u64 = 200;
/// A planted bug must be found within so many histories of each mix, which take less than a minute.
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
    let violation = violation(mix, &tally);
    let explained = violation.map(|key| tally.explain(mix, rules, &key));
    assert_eq!(explained, None);
}

/// How often a promise is broken is known for the general mixes.
fn violation(mix: Mix, tally: &Tally) -> Option<(Rares, Kind)> {
    let is_general = matches!(mix, Mix::Model | Mix::Full);
    tally
        .violation()
        .or_else(|| if is_general { tally.excess() } else { None })
}

#[test]
fn the_histories_of_the_model_break_only_the_promises_that_are_listed() {
    assert_only_allowed_violations(Mix::Model, histories());
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
        let mut tallies = Vec::from([Mix::Full, Mix::Model].map(|mix| (mix, Tally::default())));
        tallies.extend(Mix::SPECIAL.map(|mix| (mix, Tally::default())));
        let mut number = 0;
        let (mix, (rares, kind)) = 'found: loop {
            for (mix, tally) in &mut tallies {
                tally.add(*mix, rules, number..number + PORTION);
                if let Some(key) = violation(*mix, tally) {
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
