//! Runs histories and counts the promises that they break.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fastrand::Rng;

use super::event::Event;
use super::mix::Mix;
use super::mutant::Rules;
use super::promise::{Broken, Kind, Rare};
use super::world::World;

/// The rare events of a history.
pub(super) type Rares = BTreeSet<Rare>;

/// The results of many histories.
#[derive(Default)]
pub(super) struct Tally {
    /// Histories by their rare events.
    pub(super) histories: BTreeMap<Rares, u32>,
    /// Histories that broke a promise, by their rare events and the first promise that they broke.
    pub(super) broken: BTreeMap<(Rares, Kind), u32>,
    /// The shortest of each kind.
    examples: BTreeMap<(Rares, Kind), Vec<Event>>,
}

/// Runs one history. Returns its rare events and the first promise that it broke.
fn run(mix: Mix, rules: Rules, events: &[Event]) -> (Rares, Option<Broken>) {
    let mut world = World::new(mix, rules, false);
    events.iter().for_each(|event| world.happen(*event));
    world.finish();
    (world.rare, world.broken.into_iter().next())
}

impl Tally {
    /// Runs more histories: those with the numbers from one up to another.
    pub(super) fn add(&mut self, mix: Mix, rules: Rules, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let mut rng = Rng::with_seed(number);
            let events = mix.history(&mut rng, number);
            let (rares, broken) = run(mix, rules, &events);
            *self.histories.entry(rares.clone()).or_default() += 1;
            if let Some(Broken { kind, .. }) = broken {
                let key = (rares, kind);
                *self.broken.entry(key.clone()).or_default() += 1;
                let shortest = self.examples.entry(key).or_insert_with(|| events.clone());
                if events.len() < shortest.len() {
                    *shortest = events;
                }
            }
        }
    }

    /// Describes the shortest history that broke this promise, shortened further.
    pub(super) fn explain(&self, mix: Mix, rules: Rules, key: &(Rares, Kind)) -> String {
        let Some(events) = self.examples.get(key) else {
            return String::new();
        };
        let mut world = World::new(mix, rules, true);
        for event in shorten(mix, rules, key, events) {
            world.happen(event);
        }
        world.finish();
        let broken = world.broken.first().map(|broken| broken.text.clone());
        let lines: Vec<String> = world.into_log().into_iter().chain(broken).collect();
        format!("{:?}, {:?}\n  {}\n", key.0, key.1, lines.join("\n  "))
    }
}

/// Leaves out events while the history still breaks the same promise with the same rare events.
fn shorten(mix: Mix, rules: Rules, key: &(Rares, Kind), events: &[Event]) -> Vec<Event> {
    let mut events = events.to_vec();
    let mut at = 0;
    while at < events.len() {
        let mut fewer = events.clone();
        fewer.remove(at);
        let (rares, broken) = run(mix, rules, &fewer);
        if rares == key.0 && broken.is_some_and(|broken| broken.kind == key.1) {
            events = fewer;
            at = 0;
        } else {
            at += 1;
        }
    }
    events
}

fn group_name(rares: &Rares) -> String {
    match rares.iter().collect::<Vec<_>>().as_slice() {
        [] => "none of these".to_owned(),
        [one] => format!("{one:?}"),
        _ => "several of these".to_owned(),
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: BTreeMap<String, (u32, BTreeMap<Kind, u32>)> = BTreeMap::new();
        for (rares, number) in &self.histories {
            groups.entry(group_name(rares)).or_default().0 += number;
        }
        for ((rares, kind), number) in &self.broken {
            let group = groups.entry(group_name(rares)).or_default();
            *group.1.entry(*kind).or_default() += number;
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, (number, _))| std::cmp::Reverse(*number));
        for (group, (number, broken)) in groups {
            write!(f, "{group}: {number} histories, broken:")?;
            for (kind, number) in broken {
                write!(f, " {kind:?} {number}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
