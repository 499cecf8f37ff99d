//! Which Watson installation is asking, and how far it has been told: the decisions of a sync, without any SQL.
//!
//! Watson sends no name of its own. It presents `last_sync`, the moment its previous sync ended by its own clock, and a
//! token. A [`Cursor`] is one installation as far as the server can tell. With one token per device there is one cursor
//! per token, and only two rules matter: the same `last_sync` again means that the previous sync did not finish (answer
//! again from where it began), another one means that it did (move on). The other rules serve wiped devices, devices
//! restored from a backup, and tokens that several devices share because a configuration folder was copied. Wherever
//! the answer is uncertain a frame is sent twice rather than never.

use std::collections::HashSet;

use uuid::Uuid;

/// Instants and spans here are microseconds.
const SECOND: i64 = 1_000_000;
/// A pull without its push is taken for abandoned after this long when another one is open.
const ABANDONED: i64 = 600 * SECOND;
/// Two explanations of a `last_sync` must differ by at least this much for the nearer one to be believed.
const DISTINCT: i64 = SECOND / 2;
/// More installations than this on one token: the one unheard of for longest is forgotten, and told everything if it
/// comes back.
const MOST_CURSORS: usize = 16;

/// One Watson installation, as its requests describe it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Its row.
    pub(crate) id: Uuid,
    /// The mark on the frames it writes, which are not sent back to it.
    pub(crate) writer: Uuid,
    /// The `last_sync` it presented at its latest pull, 0 for a new or wiped device.
    pub(crate) last_sync: i64,
    /// Where that pull began: it was sent the frames after this sequence number.
    pub(crate) from_seq: i64,
    /// Where the latest pull with this `last_sync` ended.
    pub(crate) upto_seq: i64,
    /// How many pulls there were with this `last_sync`.
    pub(crate) pulls: i32,
    /// When the latest one was.
    pub(crate) pulled_at: i64,
    /// When the push was that ends every sync; none while it is still to come.
    pub(crate) pushed_at: Option<i64>,
    /// How far its clock is ahead of ours, once seen.
    pub(crate) clock_offset: Option<i64>,
}

/// What a pull is answered with, and what is remembered of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PullPlan {
    /// To be written, new or changed; its `from_seq` and `upto_seq` bound the frames to send.
    pub(crate) cursor: Cursor,
    /// Frames marked with this writer are left out.
    pub(crate) except: Option<Uuid>,
    /// Other cursors that change.
    pub(crate) changed: Vec<Cursor>,
    /// Cursors to forget.
    pub(crate) forgotten: Vec<Uuid>,
}

impl PullPlan {
    fn of(cursor: Cursor, except: Option<Uuid>) -> Self {
        Self {
            cursor,
            except,
            changed: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    /// Whether no later decision depends on its being written: the installation heard of last asks the same again, within
    /// a second and not for the second time.
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

/// Who a push is by, and what is remembered of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PushPlan {
    /// The mark on the frames it writes; none sends them to everybody, the pushing device included.
    pub(crate) writer: Option<Uuid>,
    /// Cursors to be written, new or changed.
    pub(crate) changed: Vec<Cursor>,
}

/// Decides about a pull that presents `last_sync` at the moment `now`, when `seq` is the user's newest sequence number.
pub(crate) fn plan_pull(cursors: &[Cursor], last_sync: i64, now: i64, seq: i64) -> PullPlan {
    let mut plan = if last_sync <= 0 {
        pull_everything(cursors, now, seq)
    } else if let Some(open) = cursors
        .iter()
        .find(|c| c.last_sync == last_sync && c.pushed_at.is_none())
    {
        again(open.clone(), now, seq)
    } else if let Some(closed) = latest(cursors.iter().filter(|c| c.last_sync == last_sync)) {
        after_unacknowledged_push(cursors, closed, now, seq)
    } else {
        pull_next(cursors, last_sync, now, seq)
    };
    plan.forgotten = forgotten(cursors, plan.cursor.id);
    plan
}

/// Decides who a push at the moment `now` is by: the installation whose pull is still waiting for its push.
pub(crate) fn plan_push(cursors: &[Cursor], now: i64) -> PushPlan {
    let mut open: Vec<&Cursor> = cursors.iter().filter(|c| c.pushed_at.is_none()).collect();
    if open.len() > 1 && open.iter().any(|c| now - c.pulled_at < ABANDONED) {
        open.retain(|c| now - c.pulled_at < ABANDONED);
    }
    match open.as_slice() {
        [] => push_without_pull(cursors, now),
        [one] => PushPlan {
            writer: Some(one.writer),
            changed: vec![pushed(one, now)],
        },
        several => PushPlan {
            writer: None,
            changed: several.iter().map(|c| pushed(c, now)).collect(),
        },
    }
}

/// A new or wiped device: everything, what it wrote itself included. A repeat before the push is the same attempt.
fn pull_everything(cursors: &[Cursor], now: i64, seq: i64) -> PullPlan {
    let open = cursors
        .iter()
        .find(|c| c.last_sync <= 0 && c.pushed_at.is_none());
    let cursor = match open {
        Some(open) => again(open.clone(), now, seq).cursor,
        None => fresh(0, 0, now, seq),
    };
    PullPlan::of(cursor, None)
}

/// The previous sync did not finish: answer again from where it began.
fn again(mut cursor: Cursor, now: i64, seq: i64) -> PullPlan {
    cursor.upto_seq = seq;
    cursor.pulls += 1;
    cursor.pulled_at = now;
    let writer = cursor.writer;
    PullPlan::of(cursor, Some(writer))
}

/// The push came but the same `last_sync` comes again. Either its answer was lost, and this is the same device; or a
/// copy of the configuration folder asks, which holds the same `last_sync`. The finished sync is kept beside the new
/// attempt: if a later `last_sync` fits it, they were two devices (see [`separate`]).
fn after_unacknowledged_push(cursors: &[Cursor], closed: &Cursor, now: i64, seq: i64) -> PullPlan {
    let ended_then = |c: &&Cursor| {
        c.pushed_at.is_some() && c.writer != closed.writer && fits(cursors, c, closed.last_sync)
    };
    if let Some(other) = cursors.iter().find(ended_then) {
        // Another device of this token ended a sync in that very second.
        let from = closed.from_seq.min(other.upto_seq);
        let cursor = fresh(closed.last_sync, from, now, seq);
        return PullPlan::of(cursor, None);
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

/// A `last_sync` not seen before: the moment some installation's finished sync ended. Which one's?
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
        return move_on(cursors, one, last_sync, now, seq);
    }
    // Nobody: older than anything known, everything is sent. Several: what the least told of them lacks.
    let from = nearest.iter().map(|c| c.upto_seq).min().unwrap_or(0);
    let mut cursor = fresh(last_sync, from, now, seq);
    cursor.clock_offset = nearest
        .first()
        .and_then(|c| c.pushed_at)
        .map(|at| last_sync - at);
    PullPlan::of(cursor, None)
}

/// The previous sync of `previous` finished: what came after it.
fn move_on(cursors: &[Cursor], previous: &Cursor, last_sync: i64, now: i64, seq: i64) -> PullPlan {
    let cursor = Cursor {
        last_sync,
        from_seq: previous.upto_seq,
        upto_seq: seq,
        // What a repeated pull leaves uncertain stays so for a while.
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

/// Answers with `cursor`, which follows `previous`. When another cursor that writes under the same mark has been heard of
/// since, it was not the same device under a new guise, as had been assumed: `previous` lives on. From now on they have
/// a mark each, and because what the others wrote had been kept from each, they are told everything once more.
fn separate(cursors: &[Cursor], previous: &Cursor, mut cursor: Cursor) -> PullPlan {
    let newer =
        |twin: &&Cursor| twin.writer == previous.writer && twin.pulled_at > previous.pulled_at;
    let writer = Uuid::now_v7();
    let changed: Vec<Cursor> = cursors
        .iter()
        .filter(newer)
        .map(|twin| told_nothing(twin, writer))
        .collect();
    if changed.is_empty() {
        let writer = cursor.writer;
        return PullPlan::of(cursor, Some(writer));
    }
    (cursor.writer, cursor.from_seq) = (Uuid::now_v7(), 0);
    PullPlan {
        changed,
        ..PullPlan::of(cursor, None)
    }
}

/// The same sync under another mark, as one after which everything is told once more.
fn told_nothing(cursor: &Cursor, writer: Uuid) -> Cursor {
    Cursor {
        writer,
        from_seq: 0,
        upto_seq: 0,
        pulls: 1,
        ..cursor.clone()
    }
}

/// A push that no pull announced. When a pull was repeated a moment ago, that was the pull of a second device after all,
/// and it is uncertain who wrote what: there is one installation more, and all those heard of lately are told everything
/// once more. Otherwise it is a script that only pushes.
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
    let apart = |c: &Cursor| told_nothing(c, Uuid::now_v7());
    let one_more = Cursor {
        id: Uuid::now_v7(),
        pushed_at: Some(now),
        clock_offset: None,
        ..apart(last)
    };
    let changed = recent.into_iter().map(apart).chain([one_more]).collect();
    PushPlan {
        writer: None,
        changed,
    }
}

fn pushed(cursor: &Cursor, now: i64) -> Cursor {
    Cursor {
        pushed_at: Some(now),
        ..cursor.clone()
    }
}

fn fresh(last_sync: i64, from_seq: i64, now: i64, seq: i64) -> Cursor {
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

/// Those of `pool` that explain `last_sync` best; one when it is clearly nearer than all others. Several that
/// write under one mark are one device until the contrary is plain, so of them the latest counts.
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
    if writers(near.iter().copied()) == 1 {
        latest(near.into_iter()).into_iter().collect()
    } else {
        near
    }
}

/// How many devices `cursors` are taken for.
fn writers<'a>(cursors: impl Iterator<Item = &'a Cursor>) -> usize {
    cursors.map(|c| c.writer).collect::<HashSet<_>>().len()
}

/// Whether `last_sync` is when the finished sync of `cursor` ended, as well as can be told.
fn fits(cursors: &[Cursor], cursor: &Cursor, last_sync: i64) -> bool {
    distance(cursors, cursor, last_sync).is_some_and(|distance| distance < DISTINCT)
}

/// Whether `last_sync` lies before the end of the sync of `cursor` by its own known clock: a later moment may be a slow
/// answer, an earlier one is another device's (or a clock set back).
fn is_too_early(cursor: &Cursor, last_sync: i64) -> bool {
    cursor
        .pushed_at
        .zip(cursor.clock_offset)
        .is_some_and(|(at, offset)| last_sync < at + offset - 2 * SECOND)
}

/// How badly `last_sync` fits the end of the sync of `cursor`: Watson cuts its clock to the second just after the push
/// was answered. While the offset of its clock is unknown, none or that of any other cursor of the token may be it.
fn distance(cursors: &[Cursor], cursor: &Cursor, last_sync: i64) -> Option<i64> {
    let since = last_sync - cursor.pushed_at?;
    let off = |expected: i64| {
        // Up to a second early by the cut, a quarter of a second late by the way back; twice that around a learned
        // offset, which was cut itself.
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

/// The cursors beyond [`MOST_CURSORS`] once `keep` is written, least recently heard of first.
fn forgotten(cursors: &[Cursor], keep: Uuid) -> Vec<Uuid> {
    let mut others: Vec<&Cursor> = cursors.iter().filter(|c| c.id != keep).collect();
    others.sort_by_key(|c| std::cmp::Reverse(c.pulled_at));
    others
        .into_iter()
        .skip(MOST_CURSORS - 1)
        .map(|c| c.id)
        .collect()
}

#[cfg(test)]
mod simulation;
