//! What may happen in a history.

use super::database::FrameId;

/// How a sync is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    PullLost,
    PullResponseLost,
    PushLost,
    PushResponseLost,
    /// Killed before it saves.
    Killed,
    /// Killed between saving frames and `last_sync`.
    HalfSaved,
}

/// What happens between a pull and its push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Nothing,
    /// The device edits a frame in another process.
    Edit(FrameId),
    /// Another device edits a frame and syncs.
    Sync(usize, FrameId),
    /// The server that handled the pull is killed before it responds …
    CrashBeforeResponse,
    /// … or after it.
    CrashAfterResponse,
}

/// A sync and its faults.
#[derive(Clone, Copy, Debug)]
pub(super) struct SyncEvent {
    pub(super) device: usize,
    pub(super) fault: Fault,
    pub(super) between: Between,
    /// How late the responses to its pull and its push arrive.
    pub(super) late: (i64, i64),
    /// The servers of its pull and its push.
    pub(super) servers: (usize, usize),
    /// Whether the server of the push is killed between storing it and responding.
    pub(super) is_push_killed: bool,
    /// Whether the server of the pull writes its late notes while the push arrives.
    pub(super) is_flushed: bool,
}

impl SyncEvent {
    pub(super) fn plain(device: usize) -> Self {
        Self {
            device,
            fault: Fault::None,
            between: Between::Nothing,
            late: (0, 0),
            servers: (0, 0),
            is_push_killed: false,
            is_flushed: false,
        }
    }
}

/// What happens to a push whose client has disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldPush {
    /// It is in progress until the end of the device's next sync, and no pull waits for it.
    Unnoticed,
    /// The same, but on the same server that sync's pull waits for it, up to the bound.
    Stuck,
    /// On the same server, the next pull waits until it is committed.
    Finishes,
    /// The server cancels it.
    Cancelled,
}

/// What happens in the world.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// Time passes.
    Wait(i64),
    Edit(usize, FrameId),
    /// `watson rename` of 1.5.2.
    Rename(usize, FrameId),
    Remove(usize, FrameId),
    Sync(SyncEvent),
    /// Two processes of one device sync; another device may edit a frame and sync between their
    /// pulls.
    TwoProcesses {
        device: usize,
        other: Option<(usize, FrameId)>,
        order: [u8; 6],
        servers: (usize, usize),
    },
    /// A push whose client has disconnected is in progress while the device edits and syncs again.
    HeldPush {
        device: usize,
        held: HeldPush,
        servers: (usize, usize),
    },
    /// `kill -9` of a server.
    Crash(usize),
    /// A server writes its late notes.
    Flush(usize),
    /// A device's clock is set.
    ClockStep(usize, i64),
    /// A device's clock gains so many millionths.
    ClockGain(usize, i64),
    /// The database's clock is set.
    DatabaseClockStep(i64),
    Backup(usize),
    /// Restores one of the explicit backups.
    Restore(usize, usize),
    /// Restores the folder as so many syncs ago.
    RestoreFinished(usize, usize),
    Wipe(usize),
    /// A frame is deleted on the server.
    Delete(FrameId),
    /// A script pushes with the device's token, without a pull: what the device would push, or a
    /// version of its own.
    Script(usize, Option<FrameId>),
    /// The owner asks that the device be sent everything.
    Resend(usize),
    Revoke(usize),
    Renew(usize),
    /// All but this many past syncs of the device are forgotten.
    Forget(usize, usize),
    BackUpDatabase,
    RestoreDatabase,
}
