//! Frames and projects outside of a sync: what the API and the dashboard read and change.
//!
//! - A change takes the user's lock, like a push, and numbers the frames that it writes, so that every
//!   device is sent them at its next sync.
//! - A deleted frame leaves a tombstone, so that a device that pushes it unchanged does not restore it.
//! - `scope.rs` decides which frames a user may see: their own, and what the members of their teams
//!   share. Lists, exports and reports all use it.

pub(super) mod export;
pub(super) mod import;
pub(super) mod list;
pub(super) mod one;
pub(super) mod projects;
pub(super) mod refused;
pub(super) mod reports;
pub(super) mod scope;
mod workloads;
