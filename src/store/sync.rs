//! Sync: what a device is sent, and what it pushes.
//!
//! A token belongs to one device unless it was created to be shared. `exclusive` has the rules for the former, which are
//! exact, and `shared` those for the latter, which guess; both decide without SQL. The rest reads and writes what they
//! decide about: `state` what is known when a request arrives, `pull` what is sent, `push` what is stored. The contract:
//!
//! - A frame gets the user's next sequence number whenever it is written, and the mark of the device that wrote it. Numbers
//!   become visible in their order, because each is taken under the user's lock.
//! - What a device was sent or has pushed is noted before the response is sent, except where `exclusive` shows that the
//!   note may be lost.
//! - One push is one transaction. A response with 201 means that it is on the disk.

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
