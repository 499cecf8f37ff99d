//! What a feed may show.

use super::NewFeed;
use crate::model::{InvalidProjectName, ProjectName};
use crate::store::FrameSource;

/// How many days a feed goes back when nothing is said.
pub const FEED_DAYS: u16 = 366;
/// The most days it may go back.
const MOST_DAYS: u16 = 3_650;
/// The most names in a list of projects or tags.
const MOST_NAMES: usize = 256;

/// Why a feed cannot show that.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidFeed {
    /// Not from 1 to `MOST_DAYS`.
    #[error("days_back is a number from 1 to {MOST_DAYS}")]
    Days,
    /// A list is too long; which.
    #[error("{0} has at most {MOST_NAMES} names")]
    TooMany(&'static str),
    /// A name in a list cannot be one; in which.
    #[error("a name in {0} is not right: {1}")]
    Name(&'static str, InvalidProjectName),
}

impl NewFeed {
    /// Makes sure that everything about it is in order, but for its own name, at which the store looks.
    ///
    /// # Errors
    /// Says what is not.
    pub fn checked(self) -> Result<Self, InvalidFeed> {
        if !(1..=MOST_DAYS).contains(&self.days_back) {
            return Err(InvalidFeed::Days);
        }
        check("projects", &self.projects)?;
        check("tags", &self.tags)?;
        Ok(self)
    }

    /// Where its frames come from.
    #[must_use]
    pub fn source(&self) -> FrameSource {
        match self.team {
            Some(team) => FrameSource::Team(team, self.projects.clone()),
            None => FrameSource::Own(self.projects.clone()),
        }
    }
}

/// What may stand in a list of projects or tags. A tag that a feed asks for is no stranger than a project's name.
fn check(list: &'static str, names: &[String]) -> Result<(), InvalidFeed> {
    if names.len() > MOST_NAMES {
        return Err(InvalidFeed::TooMany(list));
    }
    names.iter().try_for_each(|name| {
        let name = ProjectName::new(name.clone());
        name.map(drop)
            .map_err(|error| InvalidFeed::Name(list, error))
    })
}
