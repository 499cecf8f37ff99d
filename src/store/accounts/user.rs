//! A user, and what other users see of them.

use uuid::Uuid;

use crate::store::entity::user;

/// A user whose data may be read and changed. Only the store creates one, from a login, a token or
/// an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub(in crate::store) id: Uuid,
    pub(in crate::store) login: String,
    pub(in crate::store) avatar_url: Option<String>,
}

/// What one user may know of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user's id.
    pub id: Uuid,
    /// The user's login.
    pub login: String,
    /// The address of a picture.
    pub avatar_url: Option<String>,
}

impl User {
    /// The user's id, which appears in logs.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The name that people type and see.
    #[must_use]
    pub fn login(&self) -> &str {
        &self.login
    }

    /// The address of a picture.
    #[must_use]
    pub fn avatar_url(&self) -> Option<&str> {
        self.avatar_url.as_deref()
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id,
            login: row.login,
            avatar_url: row.avatar_url,
        }
    }
}

impl From<user::Model> for Person {
    fn from(row: user::Model) -> Self {
        Self {
            id: row.id,
            login: row.login,
            avatar_url: row.avatar_url,
        }
    }
}
