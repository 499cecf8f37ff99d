//! The promises that may be broken, and how often: situations that the rules cannot tell apart.
//!
//! To prevent one of these kinds, the rules would have to trust a clock, or would cause a worse
//! failure in the opposite case. docs/protocol.md describes each for users.

use super::promise::{Kind, Rare};
use super::tally::{Rares, Tally};

/// Permits a kind of broken promise in histories with these rare events.
struct Limit {
    events: &'static [Rare],
    kind: Kind,
    /// How many of 100,000 histories with one rare event, and no other, may break the promise.
    rate: u32,
}

const fn limit(events: &'static [Rare], kind: Kind, rate: u32) -> Limit {
    Limit { events, kind, rate }
}

const LIMITS: &[Limit] = &[
    // A frame whose push was not acknowledged is removed before the sync is repeated. The device
    // looks as if it had been restored from a backup that lacks the frame.
    limit(&[], Kind::UndoneRemovedUnconfirmed, 600),
    // An edit whose push was not acknowledged is pushed again while another device replaces it. It
    // looks like a new edit, because the server does not keep former contents.
    limit(&[], Kind::Crossed, 50),
    // The response to a push is lost after the frames were saved; an edit made since is
    // overwritten.
    limit(&[Rare::HalfSaved], Kind::Undone, 1_500),
    limit(&[Rare::HalfSaved], Kind::UndoneAtEpoch, 1_800),
    limit(&[Rare::HalfSaved], Kind::UndoneRemoved, 600),
    limit(&[Rare::HalfSaved], Kind::UndoneRemovedUnconfirmed, 2_300),
    // A response is lost, the frame is edited, and the clock is set back to before the edit. Watson
    // does not push the edit, as if it lacked the frame. Or a `last_sync` is that of a past sync
    // again, as if the device had been restored.
    limit(&[Rare::ClockSet], Kind::Undone, 400),
    limit(&[Rare::ClockSet], Kind::UndoneRemoved, 50),
    // One process overwrites what another has saved, and the server does not know what.
    limit(&[Rare::TwoProcesses], Kind::Undone, 2_500),
    limit(&[Rare::TwoProcesses], Kind::UndoneRemoved, 700),
    limit(&[Rare::TwoProcesses], Kind::Crossed, 300),
    // The same, without the server knowing that both run.
    limit(&[Rare::UnseenProcess], Kind::Missing, 1_000),
    limit(&[Rare::UnseenProcess], Kind::Stale, 1_500),
    // The device is restored from a backup that had never synced, and edited before its first sync.
    // A wiped device has to be sent everything at once.
    limit(&[Rare::LifeLost], Kind::UndoneAtEpoch, 200),
    limit(&[Rare::LivesLost], Kind::UndoneAtEpoch, 500),
    // The same with a backup that is older than what is remembered.
    limit(&[Rare::LifeLost, Rare::Forgotten], Kind::Undone, 0),
    // The backup was made after one of two processes had saved its `last_sync`, and before the
    // other, within the same second, saved the frames that it had received.
    limit(&[Rare::LifeLost, Rare::TwoProcesses], Kind::Stale, 0),
    // The backup contains an edit that was not yet pushed. It replaces the later edit that the
    // device pushed before it was restored: the server cannot know that it is not a new one.
    limit(&[Rare::LifeLost], Kind::Lost, 1_200),
    limit(&[Rare::LivesLost], Kind::Lost, 2_500),
    // The device cannot be recognized as restored.
    limit(&[Rare::UnknownState], Kind::Missing, 20_000),
    limit(&[Rare::UnknownState], Kind::Stale, 20_000),
    // A frame of one of the device's former lives is owed to the present one.
    limit(&[Rare::LivesLost], Kind::Undone, 500),
    // Nothing is owed if the value went down.
    limit(&[Rare::ClockSet, Rare::LifeLost], Kind::Missing, 0),
    limit(&[Rare::ClockSet, Rare::LifeLost], Kind::Stale, 0),
    limit(&[Rare::ClockSet, Rare::LivesLost], Kind::Missing, 0),
    limit(&[Rare::ClockSet, Rare::LivesLost], Kind::Stale, 0),
    // The second of two syncs that end within one second looks like a repetition of the first.
    limit(&[Rare::SameSecond], Kind::Undone, 15_000),
    limit(&[Rare::SameSecond], Kind::UndoneRemoved, 4_000),
    // The owner has asked for it.
    limit(&[Rare::Resend], Kind::Undone, 12_000),
    limit(&[Rare::Resend], Kind::UndoneAtEpoch, 1_000),
    limit(&[Rare::Resend], Kind::UndoneRemoved, 2_000),
    // What a script pushes with a device's token looks as if the device had pushed it.
    limit(&[Rare::Script], Kind::Undone, 1_500),
    limit(&[Rare::Script], Kind::UndoneAtEpoch, 3_500),
    limit(&[Rare::Script], Kind::UndoneRemoved, 300),
    limit(&[Rare::Script], Kind::SentAgain, 400),
    // Watson does not push an edit that is made while it syncs, as if it lacked the frame.
    limit(&[Rare::EditedDuringRepeat], Kind::Undone, 3_000),
    limit(&[Rare::EditedDuringRepeat], Kind::UndoneRemoved, 1_000),
    // A frame that the device has removed is in the restored database.
    limit(&[Rare::DatabaseRestored], Kind::UndoneRemoved, 4_000),
    // Two devices have different versions of a frame that was made after the backup, or the device
    // first got the frame after the backup: the server does not know which version is newer.
    limit(&[Rare::DatabaseRestored], Kind::Crossed, 5_000),
    limit(&[Rare::DatabaseRestored], Kind::LostByRestore, 1_500),
    limit(&[Rare::DatabaseRestored], Kind::Undone, 300),
];

impl Limit {
    fn allows(&self, rares: &Rares, kind: Kind) -> bool {
        self.kind == kind && self.events.iter().all(|event| rares.contains(event))
    }
}

fn is_allowed(rares: &Rares, kind: Kind) -> bool {
    LIMITS.iter().any(|limit| limit.allows(rares, kind))
}

/// How many of the histories may break this promise; `None` if there is no limit.
fn max_broken(rares: &Rares, kind: Kind, histories: u32) -> Option<f64> {
    let limits = LIMITS.iter().filter(|limit| limit.allows(rares, kind));
    let rate = limits.map(|limit| limit.rate).max()?;
    let expected = f64::from(histories) * f64::from(rate) / 100_000.0;
    // Exceeded by accident once in a million runs.
    (rares.len() <= 1).then(|| expected + 5.0 * expected.sqrt() + 3.0)
}

impl Tally {
    /// The first promise that was broken but must not be.
    pub(super) fn find_violation(&self) -> Option<(Rares, Kind)> {
        let mut broken = self.broken.keys();
        broken
            .find(|(rares, kind)| !is_allowed(rares, *kind))
            .cloned()
    }

    /// The first promise that was broken too often.
    pub(super) fn find_excess(&self) -> Option<(Rares, Kind)> {
        let mut broken = self.broken.iter();
        let excess = broken.find(|((rares, kind), number)| {
            let limit = max_broken(rares, *kind, self.histories[rares]);
            limit.is_some_and(|limit| f64::from(**number) > limit)
        });
        excess.map(|(key, _)| key.clone())
    }
}
