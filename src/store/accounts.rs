//! Users, and everything that lets a request act for one of them: tokens, sessions, identities and calendar feeds.

pub(super) mod caller;
mod feed_selection;
pub(super) mod feeds;
pub(super) mod grant;
mod identities;
pub(super) mod sessions;
mod token_use;
pub(super) mod tokens;
pub(super) mod users;
