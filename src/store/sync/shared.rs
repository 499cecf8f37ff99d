//! Shared tokens: guesses which of several devices is syncing, and what it is sent. No SQL.
//!
//! Watson sends nothing that identifies the device. It presents a token and `last_sync`, the time
//! at which its previous sync ended, by its own clock. A [`Cursor`] is one device as far as the
//! server can tell. The same `last_sync` again means that the previous sync did not finish, so the
//! response is repeated; another one means that it did. The other rules handle wiped devices,
//! devices restored from a backup, and finding the device that a new `last_sync` belongs to. If
//! several explanations fit, a frame is sent twice rather than never.

use std::collections::HashSet;

use uuid::Uuid;

use crate::store::db::clock::SECOND;

/// After this long, a pull without its push counts as abandoned if another one is open.
const ABANDONED: i64 = 600 * SECOND;
/// Two explanations of a `last_sync` must differ by at least this much for the nearer one to count.
const DISTINCT: i64 = SECOND / 2;
/// The maximum number of devices on one token. The one that has not synced for the longest time is
/// forgotten, and sent everything if it comes back.
const MAX_CURSORS: usize = 16;

/// One device, as its requests describe it. Times are in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The row's id.
    pub(crate) id: Uuid,
    /// Identifies it as the writer of its frames, which are not sent back to it.
    pub(crate) writer: Uuid,
    /// The `last_sync` of its latest pull; 0 for a new or wiped device.
    pub(crate) last_sync: i64,
    /// That pull returned the frames after this sequence number.
    pub(crate) from_seq: i64,
    /// Where the latest pull with this `last_sync` ended.
    pub(crate) upto_seq: i64,
    /// The number of pulls with this `last_sync`.
    pub(crate) pulls: i32,
    /// The time of the latest one.
    pub(crate) pulled_at: i64,
    /// The time of the push that ends the sync; `None` before it.
    pub(crate) pushed_at: Option<i64>,
    /// How far its clock is ahead of the server's, once known.
    pub(crate) clock_offset: Option<i64>,
}

/// What a pull returns, and what is remembered of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PullPlan {
    /// The new or changed cursor, whose `from_seq` and `upto_seq` bound the frames to send.
    pub(crate) cursor: Cursor,
    /// Frames of this writer are not sent.
    pub(crate) except: Option<Uuid>,
    /// Other cursors that change.
    pub(crate) changed: Vec<Cursor>,
    /// Cursors to forget.
    pub(crate) forgotten: Vec<Uuid>,
}

impl PullPlan {
    fn new(cursor: Cursor, except: Option<Uuid>) -> Self {
        Self {
            cursor,
            except,
            changed: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    /// Whether the plan need not be written, because no later decision depends on it: the device
    /// that pulled last repeats the same pull within a second, and not for the first time.
    pub(crate) fn is_known(&self, cursors: &[Cursor]) -> bool {
        let Some(old) = cursors.iter().find(|c| c.id == self.cursor.id) else {
            return false;
        };
        let as_before = Cursor {
            pulls: self.cursor.pulls,
            pulled_at: self.cursor.pulled_at,
            ..old.clone()
        };
        let others = || cursors.iter().filter(|c| c.id != old.id);
        self.cursor == as_before
            && old.pulls > 1
            && (0..SECOND).contains(&(self.cursor.pulled_at - old.pulled_at))
            && others().all(|c| c.pulled_at < old.pulled_at)
            && self.changed.is_empty()
            && self.forgotten.is_empty()
    }
}

/// Which device a push is from, and what is remembered of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PushPlan {
    /// The writer of the frames; `None` sends them to every device, including the pushing one.
    pub(crate) writer: Option<Uuid>,
    /// New or changed cursors.
    pub(crate) changed: Vec<Cursor>,
}

/// Decides about a pull that presents `last_sync` at the time `now`, when `seq` is the user's
/// newest sequence number.
pub(crate) fn plan_pull(cursors: &[Cursor], last_sync: i64, now: i64, seq: i64) -> PullPlan {
    let mut plan = if last_sync <= 0 {
        pull_everything(cursors, now, seq)
    } else if let Some(open) = cursors
        .iter()
        .find(|c| c.last_sync == last_sync && c.pushed_at.is_none())
    {
        repeat(open.clone(), now, seq)
    } else if let Some(closed) = latest(cursors.iter().filter(|c| c.last_sync == last_sync)) {
        after_unacknowledged_push(cursors, closed, now, seq)
    } else {
        pull_next(cursors, last_sync, now, seq)
    };
    plan.forgotten = excess_cursors(cursors, plan.cursor.id);
    plan
}

/// Decides which device a push at the time `now` is from: the one whose pull still lacks its push.
pub(crate) fn plan_push(cursors: &[Cursor], now: i64) -> PushPlan {
    let mut open: Vec<&Cursor> = cursors.iter().filter(|c| c.pushed_at.is_none()).collect();
    if open.len() > 1 && open.iter().any(|c| now - c.pulled_at < ABANDONED) {
        open.retain(|c| now - c.pulled_at < ABANDONED);
    }
    match open.as_slice() {
        [] => push_without_pull(cursors, now),
        [one] => PushPlan {
            writer: Some(one.writer),
            changed: vec![with_push(one, now)],
        },
        several => PushPlan {
            writer: None,
            changed: several.iter().map(|c| with_push(c, now)).collect(),
        },
    }
}

/// A new or wiped device is sent everything, including its own frames. A pull that is repeated
/// before the push continues the same attempt.
fn pull_everything(cursors: &[Cursor], now: i64, seq: i64) -> PullPlan {
    let open = cursors
        .iter()
        .find(|c| c.last_sync <= 0 && c.pushed_at.is_none());
    let cursor = match open {
        Some(open) => repeat(open.clone(), now, seq).cursor,
        None => new_cursor(0, 0, now, seq),
    };
    PullPlan::new(cursor, None)
}

/// The previous sync did not finish: send the same again.
fn repeat(mut cursor: Cursor, now: i64, seq: i64) -> PullPlan {
    cursor.upto_seq = seq;
    cursor.pulls += 1;
    cursor.pulled_at = now;
    let writer = cursor.writer;
    PullPlan::new(cursor, Some(writer))
}

/// The same `last_sync` again after the push. Either the response to the push was lost, and this is
/// the same device; or this is a copy of the configuration, which contains the same `last_sync`.
/// The finished sync is kept next to the new attempt: if a later `last_sync` fits it, they were two
/// devices (see [`separate`]).
fn after_unacknowledged_push(cursors: &[Cursor], closed: &Cursor, now: i64, seq: i64) -> PullPlan {
    let ended_then = |c: &&Cursor| {
        c.pushed_at.is_some() && c.writer != closed.writer && fits(cursors, c, closed.last_sync)
    };
    if let Some(other) = cursors.iter().find(ended_then) {
        // Another device of this token ended a sync in the same second.
        let from = closed.from_seq.min(other.upto_seq);
        let cursor = new_cursor(closed.last_sync, from, now, seq);
        return PullPlan::new(cursor, None);
    }
    let cursor = Cursor {
        id: Uuid::now_v7(),
        pushed_at: None,
        upto_seq: seq,
        pulls: 1,
        pulled_at: now,
        ..closed.clone()
    };
    separate(cursors, closed, cursor)
}

/// A new `last_sync`: the time at which a finished sync ended. Finds the device whose sync it was.
fn pull_next(cursors: &[Cursor], last_sync: i64, now: i64, seq: i64) -> PullPlan {
    let mut pool: Vec<&Cursor> = cursors.iter().filter(|c| c.pushed_at.is_some()).collect();
    if pool.is_empty() {
        pool = cursors.iter().collect(); // Clients that never push.
    }
    pool.retain(|c| {
        (last_sync > c.last_sync && !is_too_early(c, last_sync)) || fits(cursors, c, last_sync)
    });
    let nearest = nearest(cursors, &pool, last_sync);
    if let [one] = nearest.as_slice() {
        return begin_next(cursors, one, last_sync, now, seq);
    }
    // None fits: the value is older than any known one, and everything is sent. Several fit: send
    // what the one that has received least lacks.
    let from = nearest.iter().map(|c| c.upto_seq).min().unwrap_or(0);
    let mut cursor = new_cursor(last_sync, from, now, seq);
    cursor.clock_offset = nearest
        .first()
        .and_then(|c| c.pushed_at)
        .map(|at| last_sync - at);
    PullPlan::new(cursor, None)
}

/// The sync of `previous` finished: send what was written since.
fn begin_next(
    cursors: &[Cursor],
    previous: &Cursor,
    last_sync: i64,
    now: i64,
    seq: i64,
) -> PullPlan {
    let cursor = Cursor {
        last_sync,
        from_seq: previous.upto_seq,
        upto_seq: seq,
        // The uncertainty that a repeated pull leaves remains for a while.
        pulls: if now - previous.pulled_at < ABANDONED {
            previous.pulls
        } else {
            1
        },
        pulled_at: now,
        pushed_at: None,
        clock_offset: previous
            .pushed_at
            .map(|at| last_sync - at)
            .or(previous.clock_offset),
        ..previous.clone()
    };
    separate(cursors, previous, cursor)
}

/// Returns a plan with `cursor`, which follows `previous`. If another cursor with the same writer
/// has synced since, it was a different device, although it was assumed to be the same. From now on
/// they are separate writers. Each was not sent what the other had written, so both are sent
/// everything once more.
fn separate(cursors: &[Cursor], previous: &Cursor, mut cursor: Cursor) -> PullPlan {
    let newer =
        |twin: &&Cursor| twin.writer == previous.writer && twin.pulled_at > previous.pulled_at;
    let writer = Uuid::now_v7();
    let changed: Vec<Cursor> = cursors
        .iter()
        .filter(newer)
        .map(|twin| reset(twin, writer))
        .collect();
    if changed.is_empty() {
        let writer = cursor.writer;
        return PullPlan::new(cursor, Some(writer));
    }
    (cursor.writer, cursor.from_seq) = (Uuid::now_v7(), 0);
    PullPlan {
        changed,
        ..PullPlan::new(cursor, None)
    }
}

/// The same sync of another writer, after which everything is sent once more.
fn reset(cursor: &Cursor, writer: Uuid) -> Cursor {
    Cursor {
        writer,
        from_seq: 0,
        upto_seq: 0,
        pulls: 1,
        ..cursor.clone()
    }
}

/// A push without a pull. If a pull was repeated recently, that was the pull of a second device,
/// and it is uncertain which device wrote what: there is one more device, and all recent ones are
/// sent everything once more. Otherwise it is a script that only pushes.
fn push_without_pull(cursors: &[Cursor], now: i64) -> PushPlan {
    let recent: Vec<&Cursor> = cursors
        .iter()
        .filter(|c| now - c.pulled_at < ABANDONED)
        .collect();
    let Some(last) = latest(recent.iter().copied()).filter(|_| recent.iter().any(|c| c.pulls > 1))
    else {
        return PushPlan {
            writer: None,
            changed: Vec::new(),
        };
    };
    let separate = |c: &Cursor| reset(c, Uuid::now_v7());
    let one_more = Cursor {
        id: Uuid::now_v7(),
        pushed_at: Some(now),
        clock_offset: None,
        ..separate(last)
    };
    let changed = recent.into_iter().map(separate).chain([one_more]).collect();
    PushPlan {
        writer: None,
        changed,
    }
}

fn with_push(cursor: &Cursor, now: i64) -> Cursor {
    Cursor {
        pushed_at: Some(now),
        ..cursor.clone()
    }
}

fn new_cursor(last_sync: i64, from_seq: i64, now: i64, seq: i64) -> Cursor {
    Cursor {
        id: Uuid::now_v7(),
        writer: Uuid::now_v7(),
        last_sync: last_sync.max(0),
        from_seq,
        upto_seq: seq,
        pulls: 1,
        pulled_at: now,
        pushed_at: None,
        clock_offset: None,
    }
}

/// The cursors of `pool` that explain `last_sync` best: only one if it is clearly nearer than all
/// others. Several with the same writer count as one device, the latest of them.
fn nearest<'a>(cursors: &[Cursor], pool: &[&'a Cursor], last_sync: i64) -> Vec<&'a Cursor> {
    let mut by_distance: Vec<(i64, &Cursor)> = pool
        .iter()
        .map(|c| (distance(cursors, c, last_sync).unwrap_or(i64::MAX / 4), *c))
        .collect();
    by_distance.sort_by_key(|(distance, _)| *distance);
    let Some((best, _)) = by_distance.first().copied() else {
        return Vec::new();
    };
    let near: Vec<&Cursor> = by_distance
        .into_iter()
        .take_while(|(distance, _)| *distance < 2 * best + DISTINCT)
        .map(|(_, cursor)| cursor)
        .collect();
    if count_writers(near.iter().copied()) == 1 {
        latest(near.into_iter()).into_iter().collect()
    } else {
        near
    }
}

/// The number of devices that these cursors count as.
fn count_writers<'a>(cursors: impl Iterator<Item = &'a Cursor>) -> usize {
    cursors.map(|c| c.writer).collect::<HashSet<_>>().len()
}

/// Whether `last_sync` is probably the time at which the sync of `cursor` ended.
fn fits(cursors: &[Cursor], cursor: &Cursor, last_sync: i64) -> bool {
    distance(cursors, cursor, last_sync).is_some_and(|distance| distance < DISTINCT)
}

/// Whether `last_sync` lies before the end of the sync of `cursor`, by its known clock. A later
/// time may be a slow response; an earlier one is another device's, or the clock was set back.
fn is_too_early(cursor: &Cursor, last_sync: i64) -> bool {
    cursor
        .pushed_at
        .zip(cursor.clock_offset)
        .is_some_and(|(at, offset)| last_sync < at + offset - 2 * SECOND)
}

/// How badly `last_sync` fits the end of the sync of `cursor`. Watson truncates its clock to the
/// second just after the response to the push. While the offset of the device's clock is unknown,
/// it may be zero or that of any other cursor of the token.
fn distance(cursors: &[Cursor], cursor: &Cursor, last_sync: i64) -> Option<i64> {
    let since = last_sync - cursor.pushed_at?;
    let off = |expected: i64| {
        // Up to a second early because of the truncation, a quarter of a second late because of the
        // network. A known offset was truncated itself, so allow a second there.
        let deviation = since - expected;
        let slack = if expected == 0 { SECOND / 4 } else { SECOND };
        (-SECOND - deviation).max(deviation - slack).max(0)
    };
    match cursor.clock_offset {
        Some(offset) => Some(off(offset)),
        None => cursors
            .iter()
            .filter_map(|c| c.clock_offset)
            .chain([0])
            .map(off)
            .min(),
    }
}

fn latest<'a>(cursors: impl Iterator<Item = &'a Cursor>) -> Option<&'a Cursor> {
    cursors.max_by_key(|c| c.pulled_at)
}

/// The cursors beyond [`MAX_CURSORS`] once `keep` is written: those with the oldest pulls.
fn excess_cursors(cursors: &[Cursor], keep: Uuid) -> Vec<Uuid> {
    let mut others: Vec<&Cursor> = cursors.iter().filter(|c| c.id != keep).collect();
    others.sort_by_key(|c| std::cmp::Reverse(c.pulled_at));
    others
        .into_iter()
        .skip(MAX_CURSORS - 1)
        .map(|c| c.id)
        .collect()
}

#[cfg(test)]
mod simulation;
