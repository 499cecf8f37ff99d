//! A report: time summed by nested groups.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Unit;

/// A level of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// A unit of the calendar.
    Time(Unit),
    /// The project.
    Project,
    /// Each of a frame's tags: a frame with two counts for both. Frames without tags form a group.
    Tag,
    /// The owner of the frames.
    Person,
}

impl Level {
    /// Every level, in the order of error messages.
    pub const ALL: [Self; 7] = [
        Self::Time(Unit::Day),
        Self::Time(Unit::Week),
        Self::Time(Unit::Month),
        Self::Time(Unit::Year),
        Self::Project,
        Self::Tag,
        Self::Person,
    ];

    /// The name of the level.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Time(unit) => unit.as_str(),
            Self::Project => "project",
            Self::Tag => "tag",
            Self::Person => "person",
        }
    }
}

/// Identifies a group. Groups without a name sort last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    is_nameless: bool,
    /// A period, a project, a tag or a login; `None` for frames without tags.
    pub name: Option<String>,
    /// The server's id, if it has one.
    pub id: Option<Uuid>,
}

impl Key {
    /// Creates a key.
    #[must_use]
    pub fn new(name: Option<String>, id: Option<Uuid>) -> Self {
        Self {
            is_nameless: name.is_none(),
            name,
            id,
        }
    }
}

/// A sum of time and its groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Counts every frame once. A thousand frames of a thousand years do not fit into 64 bits.
    pub microseconds: i128,
    /// The groups of the next level that have time, sorted by key.
    pub groups: BTreeMap<Key, Sum>,
}

/// The time of frames that are in the same group of every level.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// The time of all of them.
    pub(crate) all: i128,
    /// The time of those that count once: of a frame in several groups of [`Level::Tag`] only one.
    pub(crate) once: i128,
}

impl Sum {
    /// Merges the groups of the outermost level. The total stays the same.
    #[must_use]
    pub fn without_outer_level(&self) -> Self {
        let mut merged = Self {
            microseconds: self.microseconds,
            groups: BTreeMap::new(),
        };
        for group in self.groups.values() {
            merged.add_groups(&group.groups);
        }
        merged
    }

    fn add_groups(&mut self, groups: &BTreeMap<Key, Self>) {
        for (key, sum) in groups {
            let group = self.groups.entry(key.clone()).or_default();
            group.microseconds += sum.microseconds;
            group.add_groups(&sum.groups);
        }
    }

    /// Its groups, longest first, equal ones sorted by key.
    #[must_use]
    pub fn longest_first(&self) -> Vec<(&Key, &Self)> {
        let mut groups: Vec<_> = self.groups.iter().collect();
        groups.sort_by_key(|(_, sum)| std::cmp::Reverse(sum.microseconds));
        groups
    }

    /// Adds time to this sum and to the groups along `keys`. Above the level of tags a frame counts
    /// once, however many tags it has.
    pub(crate) fn add(&mut self, keys: impl IntoIterator<Item = (Level, Key)>, share: Share) {
        if share.all == 0 {
            return;
        }
        self.microseconds += share.once;
        let (mut sum, mut is_below_tag) = (self, false);
        for (level, key) in keys {
            is_below_tag |= level == Level::Tag;
            sum = sum.groups.entry(key).or_default();
            sum.microseconds += if is_below_tag { share.all } else { share.once };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum() -> Sum {
        let mut sum = Sum::default();
        for (day, project, tag, time) in [
            ("mon", "a", "x", 1),
            ("tue", "a", "x", 2),
            ("tue", "a", "y", 4),
            ("tue", "b", "x", 8),
        ] {
            let key = |name: &str| Key::new(Some(name.to_owned()), None);
            let levels = [
                (Level::Time(Unit::Day), key(day)),
                (Level::Project, key(project)),
                (Level::Tag, key(tag)),
            ];
            let share = Share {
                all: time,
                once: time,
            };
            sum.add(levels, share);
        }
        sum
    }

    fn line(sum: &Sum) -> String {
        let groups = sum.longest_first().into_iter().map(|(key, sum)| {
            let name = key.name.as_deref().unwrap_or("-");
            format!("{name} {} ({})", sum.microseconds, line(sum))
        });
        groups.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn without_its_outer_level_a_sum_holds_the_same_time() {
        let by_project = sum().without_outer_level();
        assert_eq!(by_project.microseconds, 15);
        assert_eq!(line(&by_project), "b 8 (x 8 ()), a 7 (y 4 (), x 3 ())");
        assert_eq!(line(&by_project.without_outer_level()), "x 11 (), y 4 ()");
    }
}
