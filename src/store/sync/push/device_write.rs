//! Pushes and notes of pulls by several devices, written in one transaction: for SQLite, which has
//! one writer.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::device_push::{DevicePush, PlannedPush};
use super::outcome::PushOutcome;
use super::sqlite_writer;
use super::sqlite_writer::UserFrames;
use super::user_lock::{UserLock, reserved_numbers};
use crate::store::StoreError;
use crate::store::sync::device_table;
use crate::store::sync::device_table::Note;
use crate::store::sync::group_commit::Work;
use crate::store::sync::late_notes::LateNotes;

/// What one request of a device writes.
#[derive(Debug)]
pub(in crate::store) enum DeviceWrite {
    Push(Box<DevicePush>, Arc<LateNotes>),
    /// The note of a pull.
    Note(Box<Note>),
}

#[derive(Debug)]
pub(in crate::store) struct DeviceWritten {
    pub(in crate::store::sync) push: PushOutcome,
    /// To be remembered after the commit.
    pub(in crate::store::sync) note: Note,
}

/// A push in the transaction.
struct LockedPush<'a> {
    push: &'a DevicePush,
    late_notes: &'a LateNotes,
    /// Its index among the writes.
    index: usize,
    lock: UserLock,
    /// `None`: what was read before the transaction is outdated.
    planned: Option<PlannedPush>,
}

impl Work for DeviceWrite {
    type Done = DeviceWritten;

    fn user(&self) -> Uuid {
        match self {
            Self::Push(push, _) => push.user.id,
            Self::Note(note) => note.user_id,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Push(push, _) => push.frames.len(),
            Self::Note(_) => 1,
        }
    }

    async fn write(
        transaction: &DatabaseTransaction,
        writes: &[&Self],
    ) -> Result<Vec<Result<DeviceWritten, StoreError>>, StoreError> {
        let mut pushes = lock_pushes(transaction, writes).await?;
        let tokens = write_notes(transaction, writes, &pushes).await?;
        let mut results: Vec<_> = writes
            .iter()
            .map(|write| match write {
                Self::Note(note) if tokens.contains(&note.token_id) => {
                    Ok(DeviceWritten::new(PushOutcome::default(), note))
                }
                Self::Note(_) => Err(StoreError::SyncRunning),
                // Replaced below for pushes that hold a lock.
                Self::Push(..) => Err(StoreError::UserGone),
            })
            .collect();
        let mut bulk = Vec::new();
        for locked in &mut pushes {
            if !tokens.contains(&locked.push.token_id) {
                locked.planned = None;
            }
            let LockedPush { push, lock, .. } = *locked;
            if locked.planned.is_none() {
                let planned = push.note_under_lock(transaction, lock, locked.late_notes);
                match planned.await {
                    Ok(planned) => locked.planned = Some(planned),
                    Err(error @ StoreError::SyncRunning) => results[locked.index] = Err(error),
                    Err(error) => return Err(error),
                }
            }
            let Some(planned) = &locked.planned else {
                continue;
            };
            let note = &planned.note;
            if planned.plan.finds_missing || note.sync.is_merging || push.frames.is_empty() {
                let written = push.write_frames(transaction, lock, planned).await?;
                let outcome = push.outcome(written, &note.sync);
                results[locked.index] = Ok(DeviceWritten::new(outcome, note));
            } else {
                bulk.push((locked.index, push, lock, note));
            }
        }
        if let Some((_, first, ..)) = bulk.first() {
            let now = first.clock.now();
            let frames = bulk.iter().map(|(_, push, lock, note)| UserFrames {
                user_id: push.user.id,
                lock: *lock,
                writer: Some(note.sync.writer),
                frames: &push.frames,
            });
            let frames: Vec<_> = frames.collect();
            let written = sqlite_writer::write(transaction, &frames, now).await?;
            for ((index, push, _, note), written) in bulk.into_iter().zip(written) {
                let outcome = push.outcome(written, &note.sync);
                results[index] = Ok(DeviceWritten::new(outcome, note));
            }
        }
        Ok(results)
    }
}

impl DeviceWritten {
    fn new(push: PushOutcome, note: &Note) -> Self {
        let note = note.clone();
        Self { push, note }
    }
}

/// Locks the users of the pushes, and plans the pushes whose user has had no frames written since
/// they were read.
async fn lock_pushes<'a>(
    transaction: &DatabaseTransaction,
    writes: &[&'a DeviceWrite],
) -> Result<Vec<LockedPush<'a>>, StoreError> {
    let mut numbers = HashMap::new();
    for write in writes {
        if let DeviceWrite::Push(push, _) = write {
            numbers.insert(push.user.id, reserved_numbers(push.frames.len()));
        }
    }
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let locks = sqlite_writer::lock_users(transaction, &numbers).await?;
    let pushes = writes.iter().enumerate().filter_map(|(index, write)| {
        let DeviceWrite::Push(push, late_notes) = *write else {
            return None;
        };
        let lock = *locks.get(&push.user.id)?;
        Some(LockedPush {
            push,
            late_notes,
            index,
            lock,
            planned: push.plan_if_current(lock, late_notes),
        })
    });
    Ok(pushes.collect())
}

/// Writes the notes of pulls and of planned pushes. Returns the tokens whose note could be written.
async fn write_notes(
    transaction: &DatabaseTransaction,
    writes: &[&DeviceWrite],
    pushes: &[LockedPush<'_>],
) -> Result<HashSet<Uuid>, StoreError> {
    let of_pulls = writes.iter().filter_map(|write| match write {
        DeviceWrite::Note(note) => Some(&**note),
        DeviceWrite::Push(..) => None,
    });
    let of_pushes = pushes.iter().filter_map(|locked| locked.planned.as_ref());
    let of_pushes = of_pushes.map(|planned| &planned.note);
    let notes: Vec<&Note> = of_pulls.chain(of_pushes).collect();
    if notes.is_empty() {
        return Ok(HashSet::new());
    }
    Ok(device_table::write_together(transaction, &notes).await?)
}
