//! Pushes and pulls of several devices, written in one transaction: for SQLite, which has one writer.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::Written;
use super::device_push::{DevicePush, Noted};
use super::sqlite;
use super::sqlite::UserFrames;
use super::write::{UserLock, reserved};
use crate::store::StoreError;
use crate::store::sync::device_table;
use crate::store::sync::device_table::Note;
use crate::store::sync::group_commit::Work;
use crate::store::sync::late_notes::LateNotes;

/// What is written for one request of a device.
#[derive(Debug)]
pub(in crate::store) enum DeviceWrite {
    Push(Box<DevicePush>, Arc<LateNotes>),
    /// The note of a pull.
    Note(Box<Note>),
}

/// What was written.
#[derive(Debug)]
pub(in crate::store) struct DeviceWritten {
    /// The result of a push.
    pub(in crate::store::sync) pushed: Written,
    /// To be remembered after the commit.
    pub(in crate::store::sync) note: Note,
}

/// A push in the transaction.
struct Pushing<'a> {
    push: &'a DevicePush,
    late_notes: &'a LateNotes,
    /// Its place among the writes.
    at: usize,
    lock: UserLock,
    /// `None`: what was read before the transaction is outdated.
    noted: Option<Noted>,
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
        let mut pushing = lock(transaction, writes).await?;
        let mut notes: Vec<&Note> = Vec::new();
        for write in writes {
            if let Self::Note(note) = write {
                notes.push(note);
            }
        }
        notes.extend(pushing.iter().filter_map(Pushing::note));
        let tokens = match notes.is_empty() {
            true => Default::default(),
            false => device_table::write_together(transaction, &notes).await?,
        };
        let mut results: Vec<Result<DeviceWritten, StoreError>> = Vec::new();
        for write in writes {
            results.push(match write {
                Self::Note(note) if tokens.contains(&note.token_id) => {
                    Ok(DeviceWritten::of(Written::default(), note))
                }
                Self::Note(_) => Err(StoreError::SyncRunning),
                // Of those that hold a lock the result follows.
                Self::Push(..) => Err(StoreError::UserGone),
            });
        }
        let mut together = Vec::new();
        for one in &mut pushing {
            if one
                .note()
                .is_none_or(|note| !tokens.contains(&note.token_id))
            {
                one.noted = None;
                let noted = one.push.note_again(transaction, one.lock, one.late_notes);
                match noted.await {
                    Ok(noted) => one.noted = Some(noted),
                    Err(error @ StoreError::SyncRunning) => results[one.at] = Err(error),
                    Err(error) => return Err(error),
                }
            }
            let Some(noted) = &one.noted else { continue };
            if noted.plan.finds_missing || noted.note.sync.is_merging || one.push.frames.is_empty()
            {
                let written = one.push.finish(transaction, one.lock, noted).await?;
                let pushed = one.push.written(written, &noted.note.sync);
                results[one.at] = Ok(DeviceWritten::of(pushed, &noted.note));
            } else {
                together.push((one.at, one.push, one.lock, &noted.note));
            }
        }
        if let Some((_, push, ..)) = together.first() {
            let now = push.clock.now();
            let frames = together.iter().map(|(_, push, lock, note)| UserFrames {
                user_id: push.user.id,
                lock: *lock,
                writer: Some(note.sync.writer),
                frames: &push.frames,
            });
            let written = sqlite::write(transaction, &frames.collect::<Vec<_>>(), now).await?;
            for ((at, push, _, note), written) in together.into_iter().zip(written) {
                let pushed = push.written(written, &note.sync);
                results[at] = Ok(DeviceWritten::of(pushed, note));
            }
        }
        Ok(results)
    }
}

impl DeviceWritten {
    fn of(pushed: Written, note: &Note) -> Self {
        let note = note.clone();
        Self { pushed, note }
    }
}

impl Pushing<'_> {
    fn note(&self) -> Option<&Note> {
        self.noted.as_ref().map(|noted| &noted.note)
    }
}

/// Locks the users of the pushes, and plans the pushes whose user has had no frames written since they were read.
async fn lock<'a>(
    transaction: &DatabaseTransaction,
    writes: &[&'a DeviceWrite],
) -> Result<Vec<Pushing<'a>>, StoreError> {
    let pushes = writes
        .iter()
        .enumerate()
        .filter_map(|(at, write)| match *write {
            DeviceWrite::Push(push, late_notes) => Some((at, push, late_notes)),
            DeviceWrite::Note(_) => None,
        });
    let pushes: Vec<_> = pushes.collect();
    if pushes.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = pushes.iter();
    let numbers = numbers.map(|(_, push, _)| (push.user.id, reserved(push.frames.len())));
    let numbers: HashMap<Uuid, i64> = numbers.collect();
    let locks = sqlite::lock_users(transaction, &numbers).await?;
    let mut locked = Vec::new();
    for (at, push, late_notes) in pushes {
        if let Some(lock) = locks.get(&push.user.id).copied() {
            let expected = || push.over(push.under_way.clone(), lock, late_notes);
            locked.push(Pushing {
                push,
                late_notes,
                at,
                lock,
                noted: push.is_current(lock).then(expected),
            });
        }
    }
    Ok(locked)
}
