//! The permissions of a token.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A permission of a token.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, ToSchema, ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Pull and push on Watson's routes.
    Sync,
    /// Read the user's data through the API.
    Read,
    /// Change the user's data through the API.
    Write,
}

impl Scope {
    /// Every scope, in display order.
    pub const ALL: [Self; 3] = [Self::Sync, Self::Read, Self::Write];

    /// The name of the scope.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    fn bit(self) -> u8 {
        match self {
            Self::Sync => 1,
            Self::Read => 2,
            Self::Write => 4,
        }
    }
}

/// A set of scopes. Its text form is the names separated by spaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// All scopes, as a sign-in through an issuer has them.
    pub const ALL: Self = Self(7);

    /// Whether the set contains `scope`.
    #[must_use]
    pub fn allows(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether the set contains all of `other`.
    #[must_use]
    pub fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The scopes of the set.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.allows(*scope))
    }
}

impl Default for Scopes {
    /// Sync with Watson, and read the result.
    fn default() -> Self {
        [Scope::Sync, Scope::Read].into_iter().collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | scope.bit()))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = std::convert::Infallible;

    /// Ignores unknown names, which a newer version may have stored.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |name: &str| Scope::ALL.into_iter().find(|scope| scope.name() == name);
        Ok(text.split_whitespace().filter_map(known).collect())
    }
}
