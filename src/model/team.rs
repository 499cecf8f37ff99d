//! The valid values of a team.

use std::collections::HashSet;

use uuid::Uuid;

use super::LONGEST_NAME;

/// The maximum number of shared project names of a team.
pub const MOST_TEAM_PROJECTS: usize = 256;
/// The maximum number of people of a team: owner, members and invited users. The list is not paged.
pub const MOST_TEAM_PEOPLE: usize = 100;
/// The maximum number of teams that a user owns.
pub const MOST_OWNED_TEAMS: usize = 100;
/// The maximum number of pending invitations from one owner to one user, so that an owner cannot
/// flood a user's list.
pub const MOST_PENDING_INVITATIONS: usize = 20;

/// A team as its owner wants it. Named users become members only after they accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamPlan {
    /// Unique among the owner's teams, compared exactly.
    pub name: String,
    /// Unique project names in the owner's order. Members can share their projects with these
    /// names.
    pub projects: Vec<String>,
    /// The unique ids of its users; `None` keeps the current ones.
    pub user_ids: Option<Vec<Uuid>>,
}

/// Why a team is invalid.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidTeam {
    /// Only white space.
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
    /// Checks the values and drops duplicates.
    ///
    /// # Errors
    /// The rule that a value violates.
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
            projects: unique(projects),
            user_ids: user_ids.map(unique),
        })
    }
}

/// The rules for the name of a team and of its projects.
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

fn unique<T: Clone + Eq + std::hash::Hash>(list: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    list.into_iter()
        .filter(|item| seen.insert(item.clone()))
        .collect()
}
