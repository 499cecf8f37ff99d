//! The rules against Watson's own algorithm, in random histories that are dense in faults.
//!
//! Devices, servers and the database are simulated; the decisions are the real ones. The histories follow
//! a seed, so every run is the same. `SYNC_HISTORIES` sets how many there are of each mix.

mod database;
mod event;
mod mutant;
mod promise;
mod server;
mod tally;
mod watson;
mod world;

use event::Mix;
use mutant::Rules;
use tally::Tally;

fn histories() -> usize {
    let number = std::env::var("SYNC_HISTORIES").ok();
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(1_000)
}

#[test]
fn model() {
    let tally = Tally::of(Mix::Model, Rules::default(), 1, histories());
    println!("{tally}");
    if std::env::var_os("EXPLAIN").is_some() {
        println!("{}", tally.explain(Mix::Model, Rules::default()));
    }
}

#[test]
fn full() {
    let tally = Tally::of(Mix::Full, Rules::default(), 1, histories());
    println!("{tally}");
    if std::env::var_os("EXPLAIN").is_some() {
        println!("{}", tally.explain(Mix::Full, Rules::default()));
    }
}
