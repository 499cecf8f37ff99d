//! Runs histories and counts the promises that they break.

use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;

use super::event::{Event, Mix};
use super::mutant::Rules;
use super::promise::{Broken, Kind};
use super::world::World;

/// A history that broke a promise.
#[derive(Clone, Debug)]
pub(super) struct Example {
    events: Vec<Event>,
    kind: Kind,
}

/// The results of many histories.
#[derive(Default)]
pub(super) struct Tally {
    /// Histories by their rare events.
    pub(super) histories: BTreeMap<String, usize>,
    /// Histories that broke a promise, by their rare events and the first promise that they broke.
    pub(super) broken: BTreeMap<(String, Kind), usize>,
    /// The shortest of them.
    examples: BTreeMap<(String, Kind), Example>,
}

/// Runs one history. Returns its rare events and the first promise that it broke.
fn run(mix: Mix, rules: Rules, events: &[Event]) -> (String, Option<Broken>) {
    let mut world = World::new(mix, rules, false);
    events.iter().for_each(|event| world.happen(*event));
    world.finish();
    let group = world.group();
    (group, world.broken.into_iter().next())
}

impl Tally {
    pub(super) fn of(mix: Mix, rules: Rules, seed: u64, histories: usize) -> Self {
        let mut tally = Self::default();
        for number in 0..histories {
            let mut rng = Rng::with_seed(seed * 10_000_000 + number as u64);
            let events = mix.history(&mut rng, number);
            let (group, broken) = run(mix, rules, &events);
            *tally.histories.entry(group.clone()).or_default() += 1;
            let Some(Broken { kind, .. }) = broken else {
                continue;
            };
            let key = (group, kind);
            *tally.broken.entry(key.clone()).or_default() += 1;
            let example = tally.examples.get(&key);
            if example.is_none_or(|example| events.len() < example.events.len()) {
                tally.examples.insert(key, Example { events, kind });
            }
        }
        tally
    }

    /// The shortest histories, shortened further, in words.
    pub(super) fn explain(&self, mix: Mix, rules: Rules) -> String {
        let mut text = String::new();
        for ((group, kind), example) in &self.examples {
            text += &format!("\n{group}, {kind:?}\n");
            let events = shorten(mix, rules, group, example);
            let mut world = World::new(mix, rules, true);
            events.iter().for_each(|event| world.happen(*event));
            world.finish();
            let broken = world.broken.first().map(|broken| broken.text.clone());
            for line in world.into_log().into_iter().chain(broken) {
                text += &format!("  {line}\n");
            }
        }
        text
    }
}

/// Leaves out events as long as the history still breaks the same promise in the same group.
fn shorten(mix: Mix, rules: Rules, group: &str, example: &Example) -> Vec<Event> {
    let mut events = example.events.clone();
    let mut at = 0;
    while at < events.len() {
        let mut fewer = events.clone();
        fewer.remove(at);
        let (also, broken) = run(mix, rules, &fewer);
        if also == group && broken.is_some_and(|broken| broken.kind == example.kind) {
            events = fewer;
            at = 0;
        } else {
            at += 1;
        }
    }
    events
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: Vec<_> = self.histories.iter().collect();
        groups.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
        for (group, number) in groups {
            write!(f, "{group}: {number} histories, broken:")?;
            let broken = self.broken.iter().filter(|((of, _), _)| of == group);
            for ((_, kind), number) in broken {
                write!(f, " {kind:?} {number}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
