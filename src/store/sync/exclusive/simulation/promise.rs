//! The promises of the rules, and the rare events that may break them.

/// The ways to break a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An edit that was not yet pushed is replaced by a version that the device has had.
    Undone,
    /// The same, at the epoch.
    UndoneAtEpoch,
    /// A frame comes back that was removed on the device …
    UndoneRemoved,
    /// … while its push was not confirmed: the device looks as if it had been restored from a
    /// backup.
    UndoneRemovedUnconfirmed,
    /// An edit that a device has pushed, and that was acknowledged, is replaced by its own older
    /// version.
    Lost,
    /// An edit is replaced by an older one, which another device pushes again because a response
    /// was lost.
    Crossed,
    /// An edit made after the backup of the database is lost …
    LostByRestore,
    /// … because a device that has not edited the frame pushes the backup's version.
    UndoneByMerge,
    /// A device never gets a frame …
    Missing,
    /// … or keeps an old version of it.
    Stale,
    /// A device is sent a deleted frame.
    Deleted,
    /// A device is sent a frame that it has, although no rule says so.
    SentAgain,
}

/// Events that the rules cannot always tell apart from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rare {
    /// A device was wiped or restored once …
    LifeLost,
    /// … or several times. Excludes `LifeLost`.
    LivesLost,
    ClockSet,
    HalfSaved,
    TwoProcesses,
    /// Two processes ran, and the server could not know it: the first one's response was late, or
    /// they used different servers.
    UnseenProcess,
    /// A device was restored to a state whose late note was lost or obsolete.
    UnknownState,
    /// Two syncs ended within one second of the device's clock, the second one received something,
    /// and the server could not know it: the first one's response was late, or its note unwritten.
    SameSecond,
    Resend,
    /// A frame whose push was not confirmed was edited between the next attempt's pull and push.
    EditedDuringRepeat,
    /// A script pushed before the device's first pull, or after a pull whose response was lost.
    Script,
    /// Past syncs were forgotten.
    Forgotten,
    DatabaseRestored,
}

#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) kind: Kind,
    pub(super) text: String,
}

impl Broken {
    pub(super) fn new(kind: Kind, text: String) -> Self {
        Self { kind, text }
    }
}
