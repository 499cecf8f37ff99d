//! The domain types and their valid values: frames, projects, teams, scopes, days and reports.

mod counted_time;
mod day_range;
mod days;
mod midnight;
mod parse;
mod periods;
mod refused_frame;
mod report;
mod scope;
mod team;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use counted_time::{counted_time, is_nameless, project_label};
pub use day_range::{DayRange, DayRangeParameters, InvalidDayRange};
pub use days::{DaySums, Days, workload};
pub use parse::{
    InvalidDay, InvalidInstant, InvalidLoginPrefix, InvalidNames, InvalidTimeZone, LATEST,
    LoginPrefix, TooManyNames, parse_day, parse_instant, parse_local_instant, parse_names,
    parse_zone, quoted, unique_names,
};
pub use periods::{MOST_PERIODS, Period, TooManyPeriods, Unit, periods};
pub use refused_frame::{MOST_REFUSED_FRAMES, RefusedFrame};
pub(crate) use report::Share;
pub use report::{Key, Level, Sum};
pub use scope::{Scope, Scopes};
pub use team::{
    InvalidTeam, MOST_OWNED_TEAMS, MOST_PENDING_INVITATIONS, MOST_TEAM_PEOPLE, MOST_TEAM_PROJECTS,
    TeamPlan,
};

/// The maximum length of a project name or tag, in characters. Names are indexed, and an index
/// entry must fit into a database page.
pub const LONGEST_NAME: usize = 512;
/// The maximum number of tags of a frame.
pub const MOST_TAGS: usize = 256;
/// The maximum number of characters of all tags of a frame. Frames are read a few thousand at a
/// time, and a thousand of the largest must fit into memory.
pub const MOST_TAG_CHARACTERS: usize = 4_096;

/// The maximum number of projects, and of tags, in a filter.
pub const MOST_NAMES: usize = 256;

/// The maximum number of calendar feeds of a user.
pub const MOST_FEEDS: u32 = 20;

/// A span of time spent on a project, in whole microseconds.
///
/// It may end before it starts, and its project may have no name: Watson can create such frames,
/// and they are stored unchanged and synced like any other. [`counted_time`] returns how long one
/// counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Chosen by the client, unique per user.
    pub id: Uuid,
    /// When the work began.
    pub start_at: Timestamp,
    /// When it ended.
    pub end_at: Timestamp,
    /// The name of the project.
    pub project: String,
    /// In the client's order, duplicates kept.
    pub tags: Vec<String>,
}

/// What a user tracks time on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Project {
    /// Chosen by the server.
    pub id: Uuid,
    /// Unique per user, compared exactly.
    pub name: String,
}

/// Why a frame is refused. Completes a sentence such as "frame 3 is refused: …".
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidFrame {
    /// A client without an id sends the nil UUID.
    #[error("its id is missing or nil")]
    NoId,
    /// Its end precedes its start.
    #[error("it ends before it starts")]
    EndsBeforeStart,
    /// A client without a start or an end sends year 1.
    #[error("it starts or ends before the year 1900")]
    TooEarly,
    /// After [`LATEST`].
    #[error("it starts or ends after {LATEST}, the latest instant that can be stored")]
    TooLate,
    /// Only white space.
    #[error("its project has no name")]
    Nameless,
    /// More than [`LONGEST_NAME`] characters.
    #[error("its project's name or one of its tags has more than {LONGEST_NAME} characters")]
    TooLong,
    /// No database can store it.
    #[error("its project's name or one of its tags holds the character NUL")]
    Nul,
    /// More than [`MOST_TAG_CHARACTERS`].
    #[error("its tags have more than {MOST_TAG_CHARACTERS} characters together")]
    TagsTooLong,
    /// More than [`MOST_TAGS`].
    #[error("it has more than {MOST_TAGS} tags")]
    TooManyTags,
}

impl Frame {
    /// Creates a frame whose values can be stored. Instants are truncated to the microsecond.
    ///
    /// # Errors
    /// The value that cannot be stored.
    pub fn new(
        id: Uuid,
        start_at: Timestamp,
        end_at: Timestamp,
        project: String,
        tags: Vec<String>,
    ) -> Result<Self, InvalidFrame> {
        let earliest = Timestamp::constant(-2_208_988_800, 0);
        if id.is_nil() {
            return Err(InvalidFrame::NoId);
        }
        if start_at.min(end_at) < earliest {
            return Err(InvalidFrame::TooEarly);
        }
        let (start_at, end_at) = (to_microsecond(start_at), to_microsecond(end_at));
        if start_at.max(end_at) > LATEST {
            return Err(InvalidFrame::TooLate);
        }
        check_text(&project)?;
        if tags.len() > MOST_TAGS {
            return Err(InvalidFrame::TooManyTags);
        }
        tags.iter().try_for_each(|tag| check_text(tag))?;
        let bytes: usize = tags.iter().map(String::len).sum();
        if bytes > MOST_TAG_CHARACTERS {
            let characters: usize = tags.iter().map(|tag| tag.chars().count()).sum();
            if characters > MOST_TAG_CHARACTERS {
                return Err(InvalidFrame::TagsTooLong);
            }
        }
        Ok(Self {
            id,
            start_at,
            end_at,
            project,
            tags,
        })
    }

    /// Returns the frame if it counts in totals, as required of frames from API clients.
    ///
    /// # Errors
    /// When it ends before it starts, or its project has no name.
    pub fn require_countable(self) -> Result<Self, InvalidFrame> {
        if self.end_at < self.start_at {
            return Err(InvalidFrame::EndsBeforeStart);
        }
        if is_nameless(&self.project) {
            return Err(InvalidFrame::Nameless);
        }
        Ok(self)
    }
}

/// A valid name of a project. A frame's project may also have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectName(String);

/// The name of a project is invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "a project's name has 1 to {LONGEST_NAME} characters, not all of them blanks and none of them NUL"
)]
pub struct InvalidProjectName;

impl ProjectName {
    /// Checks a name.
    ///
    /// # Errors
    /// When it is blank, too long, or contains NUL.
    pub fn new(name: String) -> Result<Self, InvalidProjectName> {
        check_name(&name).map_err(|_| InvalidProjectName)?;
        Ok(Self(name))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a frame's project, or a tag, is invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a project or a tag has at most {LONGEST_NAME} characters, none of them NUL")]
pub struct InvalidFrameName;

/// Checks the name of a frame's project, or a tag. Both may be empty.
///
/// # Errors
/// When it is too long or contains NUL.
pub fn check_frame_name(name: &str) -> Result<(), InvalidFrameName> {
    check_text(name).map_err(|_| InvalidFrameName)
}

fn check_name(project: &str) -> Result<(), InvalidFrame> {
    if is_nameless(project) {
        return Err(InvalidFrame::Nameless);
    }
    check_text(project)
}

fn check_text(text: &str) -> Result<(), InvalidFrame> {
    if text.contains('\0') {
        return Err(InvalidFrame::Nul);
    }
    if text.len() > LONGEST_NAME && text.chars().count() > LONGEST_NAME {
        return Err(InvalidFrame::TooLong);
    }
    Ok(())
}

/// Truncates an instant to the microsecond, towards the past.
fn to_microsecond(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(
        instant
            .as_nanosecond()
            .div_euclid(1_000)
            .try_into()
            .unwrap_or(i64::MAX),
    )
    .unwrap_or(instant)
}
