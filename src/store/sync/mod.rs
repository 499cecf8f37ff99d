//! Sync: what a device is sent, and what it pushes.

mod cursor_table;
#[cfg(test)]
mod exclusive;
pub(super) mod pull;
pub(super) mod push;
pub(super) mod shared;
#[cfg(test)]
mod two_devices;

pub(super) use cursor_table::SyncState;
