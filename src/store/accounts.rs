//! Users and their credentials: tokens, sessions, identities and calendar feeds.
//!
//! - Secrets are stored as hashes, and can be read only when they are created.
//! - A session and a feed belong to the token that created them, and end when it is revoked or
//!   replaced. The row of a token stays when its device gets a new one, so both id and hash are
//!   compared.
//! - Only this folder creates a [`Caller`](caller::Caller) or [`User`](user::User); all methods that
//!   touch a user's data take one of them.

pub(super) mod caller;
pub(super) mod feed_selection;
pub(super) mod feeds;
pub(super) mod grant;
mod identities;
pub(super) mod sessions;
mod token_use;
pub(super) mod tokens;
pub(super) mod user;
mod users;
