//! Sync: what a device is sent, and what it pushes.
//!
//! A token is exclusive, that is, used by one device, unless it was created as shared. `exclusive`
//! has the exact rules for the former, `shared` the heuristics for the latter; both decide without
//! SQL. `state` reads what they decide about, `pull` sends frames, and `push` stores them. The
//! contract:
//!
//! - Every write gives a frame the user's next sequence number and records which device wrote it.
//!   Numbers become visible in order, because each is taken under the user's lock.
//! - What a device was sent or has pushed is noted before the response is sent, except where
//!   `exclusive` shows that the note may be lost.
//! - A push is one transaction. A response with 201 means that it is on the disk.

mod cursor_table;
mod device_table;
pub(super) mod exclusive;
pub(super) mod group_commit;
pub(super) mod late_notes;
pub(super) mod pull;
pub(super) mod push;
mod repair;
pub(super) mod running_pushes;
pub(super) mod shared;
mod state;
pub(super) mod turns;
mod two_devices;

pub use state::SyncState;
