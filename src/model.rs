//! The words of the field: what a frame and a project are, and which values they may have.

mod days;
mod periods;
mod report;
mod scope;
mod team;
mod written;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

pub use days::{DaySums, Days, InvalidDays, workload};
pub use periods::{MOST_PERIODS, Period, TooManyPeriods, Unit, periods};
pub(crate) use report::Share;
pub use report::{Key, Level, Sum};
pub use scope::{Scope, Scopes};
pub use team::{
    InvalidTeam, MOST_OWNED_TEAMS, MOST_PENDING_INVITATIONS, MOST_TEAM_PEOPLE, MOST_TEAM_PROJECTS,
    TeamPlan,
};
pub use written::{InvalidLoginPrefix, LoginPrefix, quoted, written_day, written_names};

/// The longest project name and tag, in characters. Names are indexed, and an index entry has to fit a database page.
pub const LONGEST_NAME: usize = 512;
/// The most tags a frame may carry.
pub const MOST_TAGS: usize = 256;
/// The most characters of all tags of a frame together. Frames are read a few thousand at a time, and a thousand of the
/// largest have to fit into memory.
pub const MOST_TAG_CHARACTERS: usize = 4_096;

/// The most names of projects, and the most tags, that frames are filtered by.
pub const MOST_NAMES: usize = 256;

/// The most calendar feeds that one user may have.
pub const MOST_FEEDS: u32 = 20;

/// A span of time spent on a project. `start_at` is never after `end_at`; both are whole microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Chosen by the client, unique for one user.
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
    /// Unique for one user, compared exactly.
    pub name: String,
}

/// Why a frame is refused; the text completes the sentence "frame 3 is refused: …".
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidFrame {
    /// The nil UUID is what a client sends that has none.
    #[error("its id is missing or nil")]
    NoId,
    /// The span is negative.
    #[error("it ends before it starts")]
    EndsBeforeStart,
    /// Year 1 is what a client sends that has no start.
    #[error("it starts before the year 1900")]
    TooEarly,
    /// Only blanks.
    #[error("its project has no name")]
    BlankProject,
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
    /// Makes a frame of values that are all in order. Instants are cut to the microsecond.
    ///
    /// # Errors
    /// Says which value is not.
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
        if start_at < earliest {
            return Err(InvalidFrame::TooEarly);
        }
        if end_at < start_at {
            return Err(InvalidFrame::EndsBeforeStart);
        }
        check_name(&project)?;
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
            start_at: to_microsecond(start_at),
            end_at: to_microsecond(end_at),
            project,
            tags,
        })
    }
}

/// A name that a project may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectName(String);

/// What is wrong with a project's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "a project's name has 1 to {LONGEST_NAME} characters, not all of them blanks and none of them NUL"
)]
pub struct InvalidProjectName;

impl ProjectName {
    /// A name by the rules that hold for a frame's project.
    ///
    /// # Errors
    /// When it breaks one.
    pub fn new(name: String) -> Result<Self, InvalidProjectName> {
        check_name(&name).map_err(|_| InvalidProjectName)?;
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is wrong with a tag.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a tag has at most {LONGEST_NAME} characters, none of them NUL")]
pub struct InvalidTag;

/// Makes sure that a frame can have such a tag. It may be empty.
///
/// # Errors
/// When none can.
pub fn check_tag(tag: &str) -> Result<(), InvalidTag> {
    check_text(tag).map_err(|_| InvalidTag)
}

fn check_name(project: &str) -> Result<(), InvalidFrame> {
    if project.trim().is_empty() {
        return Err(InvalidFrame::BlankProject);
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

/// Cuts an instant to the microsecond, towards the past.
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
