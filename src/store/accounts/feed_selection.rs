//! What a feed shows.

use jiff::Timestamp;
use uuid::Uuid;

use crate::model::{InvalidFrameName, MOST_NAMES, check_frame_name};
use crate::store::FrameSource;

/// How many days a feed goes back by default.
pub const FEED_DAYS: u16 = 366;
/// The most days that a feed may go back.
const MAX_DAYS: u16 = 3_650;

/// The frames of a feed.
#[derive(Clone, Debug)]
pub struct FeedSelection {
    /// The calendar's name.
    pub name: String,
    /// The names of the projects to show; all projects if it is empty.
    pub projects: Vec<String>,
    /// The tags that a frame must have.
    pub tags: Vec<String>,
    /// The team whose frames to show instead of the user's own.
    pub team: Option<Uuid>,
    /// How many days it goes back, not counting today.
    pub days_back: u16,
    /// When the feed expires.
    pub expires_at: Option<Timestamp>,
}

/// Why a selection is invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidFeed {
    /// `days_back` is out of range.
    #[error("days_back is a number from 1 to {MAX_DAYS}")]
    Days,
    /// The list of this name is too long.
    #[error("{0} has at most {MOST_NAMES} names")]
    TooMany(&'static str),
    /// No frame can have such a name.
    #[error(transparent)]
    Name(#[from] InvalidFrameName),
}

impl FeedSelection {
    /// Checks all fields but the feed's name, which the store checks.
    ///
    /// # Errors
    /// Names the first invalid field.
    pub fn checked(self) -> Result<Self, InvalidFeed> {
        if !(1..=MAX_DAYS).contains(&self.days_back) {
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

    /// Where the frames come from.
    #[must_use]
    pub fn source(&self) -> FrameSource {
        match self.team {
            Some(team) => FrameSource::Team(team, self.projects.clone()),
            None => FrameSource::Own(self.projects.clone()),
        }
    }
}
