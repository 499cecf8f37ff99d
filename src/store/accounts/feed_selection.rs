//! What a feed may show.

use super::feeds::NewFeed;
use crate::model::{InvalidFrameName, MOST_NAMES, check_frame_name};
use crate::store::FrameSource;

/// How many days a feed goes back when nothing is said.
pub const FEED_DAYS: u16 = 366;
/// The most days it may go back.
const MOST_DAYS: u16 = 3_650;

/// Why a feed cannot show that.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidFeed {
    /// Not from 1 to `MOST_DAYS`.
    #[error("days_back is a number from 1 to {MOST_DAYS}")]
    Days,
    /// A list is too long; which.
    #[error("{0} has at most {MOST_NAMES} names")]
    TooMany(&'static str),
    /// No frame can have such a name.
    #[error(transparent)]
    Name(#[from] InvalidFrameName),
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
        for (list, names) in [("projects", &self.projects), ("tags", &self.tags)] {
            if names.len() > MOST_NAMES {
                return Err(InvalidFeed::TooMany(list));
            }
        }
        let mut names = self.projects.iter().chain(&self.tags);
        names.try_for_each(|name| check_frame_name(name))?;
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
