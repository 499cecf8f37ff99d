//! Frames and projects as the API and the dashboard read and change them, outside of a sync.

pub(super) mod export;
pub(super) mod import;
pub(super) mod list;
pub(super) mod one;
pub(super) mod projects;
pub(super) mod refused;
pub(super) mod reports;
pub(super) mod scope;
mod workloads;
