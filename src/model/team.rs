//! What an owner may ask a team to be.

use std::collections::HashSet;

use uuid::Uuid;

use super::LONGEST_NAME;

/// The most project names a team may be about.
pub const MOST_TEAM_PROJECTS: usize = 256;
/// The most people a team may have: its owner, the members, and those invited. The list of them is answered whole.
pub const MOST_TEAM_PEOPLE: usize = 100;
/// The most teams somebody may own.
pub const MOST_OWNED_TEAMS: usize = 100;
/// The most unanswered invitations that one person may have from one owner, all their teams taken together: nobody's
/// list of invitations is for one other to fill.
pub const MOST_PENDING_INVITATIONS: usize = 20;

/// A team as its owner wants it. Whom it names become members when they agree, not before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamPlan {
    /// Unique among the owner's teams, compared exactly.
    pub name: String,
    /// Names of projects, each once, in the owner's order. A member's project of such a name can be shared.
    pub projects: Vec<String>,
    /// Who shall be in the team, each once; none: whoever is in it.
    pub user_ids: Option<Vec<Uuid>>,
}

/// Why a team cannot be as wanted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidTeam {
    /// Only blanks.
    #[error("a team and each of its projects need a name that is not blank")]
    Blank,
    /// More than [`LONGEST_NAME`] characters.
    #[error("the name of a team or project has at most {LONGEST_NAME} characters")]
    TooLong,
    /// No database can store it.
    #[error("the name of a team or project cannot hold the character NUL")]
    Nul,
    /// More than [`MOST_TEAM_PROJECTS`].
    #[error("a team has at most {MOST_TEAM_PROJECTS} projects")]
    TooManyProjects,
    /// More than [`MOST_TEAM_PEOPLE`].
    #[error("user_ids names at most {MOST_TEAM_PEOPLE} people")]
    TooManyPeople,
}

impl TeamPlan {
    /// Makes a plan of values that are all in order. What is named twice counts once, at its first place.
    ///
    /// # Errors
    /// Says which value is not.
    pub fn new(
        name: String,
        projects: Vec<String>,
        user_ids: Option<Vec<Uuid>>,
    ) -> Result<Self, InvalidTeam> {
        if projects.len() > MOST_TEAM_PROJECTS {
            return Err(InvalidTeam::TooManyProjects);
        }
        if user_ids
            .as_ref()
            .is_some_and(|ids| ids.len() > MOST_TEAM_PEOPLE)
        {
            return Err(InvalidTeam::TooManyPeople);
        }
        for name in projects.iter().chain([&name]) {
            check_name(name)?;
        }
        Ok(Self {
            name,
            projects: each_once(projects),
            user_ids: user_ids.map(each_once),
        })
    }
}

/// The rules for the name of a frame's project, which hold for a team's name too.
fn check_name(name: &str) -> Result<(), InvalidTeam> {
    if name.trim().is_empty() {
        return Err(InvalidTeam::Blank);
    }
    if name.contains('\0') {
        return Err(InvalidTeam::Nul);
    }
    if name.chars().count() > LONGEST_NAME {
        return Err(InvalidTeam::TooLong);
    }
    Ok(())
}

fn each_once<T: Clone + Eq + std::hash::Hash>(list: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    list.into_iter()
        .filter(|item| seen.insert(item.clone()))
        .collect()
}
