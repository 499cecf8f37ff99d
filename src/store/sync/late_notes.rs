//! Notes of syncs in which nothing happened, kept in memory and written together, so that no
//! request waits for them.
//!
//! A process that ends without writing them only loses the ability to recognize a backup of exactly
//! that state; see the end of the comment in `exclusive.rs`. Another server on the same database
//! does not see them before they are written, and decides the same from the older state.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};
use uuid::Uuid;

use super::device_table;
use super::device_table::Note;
use super::exclusive::{DeviceSync, PastSync};
use super::turns::{Turn, Turns};
use crate::store::Clock;
use crate::store::db::clock::SECOND;
use crate::store::db::database::Database;

/// The longest time until a note is written.
const DELAY: Duration = Duration::from_secs(2);
/// How many syncs of a token pass before its old past syncs are deleted.
const SYNCS_BETWEEN: i64 = 64;
/// How long a past sync is remembered: 13 months, in microseconds.
const REMEMBERED: i64 = 396 * 86_400 * SECOND;
/// The number of notes in one transaction, so that other writers wait only for milliseconds.
const MAX_NOTES: usize = 1_000;

#[derive(Debug, Default)]
pub(in crate::store) struct LateNotes {
    /// By token.
    notes: Mutex<HashMap<Uuid, Waiting>>,
    /// Users and tokens whose old past syncs are to be deleted.
    with_old: Mutex<HashSet<(Uuid, Uuid)>>,
    /// By token, see [`LateNotes::turn`].
    turns: Turns,
}

/// The newest note of a token.
#[derive(Clone, Debug)]
struct Waiting {
    note: Note,
    /// When it was written. It is kept for a while, for requests that read the row before that.
    written_at: Option<Instant>,
}

impl LateNotes {
    /// Adds a note that was derived from the same row as the waiting one, or from a newer one.
    pub(super) fn add(&self, mut note: Note) {
        let mut notes = self.notes();
        if let Some(waiting) = notes.get_mut(&note.token_id) {
            let mut past = std::mem::take(&mut waiting.note.past);
            past.append(&mut note.past);
            note.past = past;
        }
        let written_at = None;
        notes.insert(note.token_id, Waiting { note, written_at });
    }

    /// The sync under way of a token whose row is `stored`: the one in memory, unless the row has
    /// changed since that was derived from it.
    pub(super) fn newest(&self, token: Uuid, stored: Option<DeviceSync>) -> Option<DeviceSync> {
        let revision = stored.as_ref().map_or(0, |sync| sync.revision);
        let notes = self.notes();
        let kept = notes.get(&token).map(|waiting| &waiting.note.sync);
        // Without its row, the note is about a token that has been replaced.
        let Some(kept) = kept.filter(|kept| stored.is_some() || kept.revision == 0) else {
            return stored;
        };
        if kept.revision >= revision {
            return Some(kept.clone());
        }
        // Rule 6: two processes of one device, one of which uses another server.
        stored.map(|mut sync| {
            let is_open = kept.open_pulls > 0 && kept.open_pushes == 0;
            if is_open
                && kept.last_sync == sync.last_sync
                && sync.first_end_seq > kept.first_end_seq
            {
                sync.open_pulls += 1;
                sync.first_end_seq = kept.first_end_seq;
            }
            sync
        })
    }

    /// A past sync of a token that waits to be written.
    pub(super) fn past(&self, token: Uuid, last_sync: i64) -> Option<PastSync> {
        let notes = self.notes();
        let mut past = notes.get(&token)?.note.past.iter().rev();
        past.find(|past| past.last_sync == last_sync).cloned()
    }

    /// The past syncs of a token that wait to be written with its next note.
    pub(super) fn all_past(&self, token: Uuid) -> Vec<PastSync> {
        let notes = self.notes();
        let past = notes.get(&token).map(|waiting| waiting.note.past.clone());
        past.unwrap_or_default()
    }

    /// Remembers a note that was written at once.
    pub(super) fn set_written(&self, note: &Note) {
        let mut notes = self.notes();
        let kept = notes
            .get(&note.token_id)
            .map(|waiting| waiting.note.sync.revision);
        if kept.is_none_or(|revision| revision <= note.sync.revision) {
            let mut note = note.clone();
            note.past.clear();
            note.sync.revision += 1;
            let written_at = Some(Instant::now());
            notes.insert(note.token_id, Waiting { note, written_at });
        }
    }

    /// Waits until this process notes no other pull of the token. Of many concurrent pulls the
    /// first is noted, and the others find its note; otherwise each would try to write the same
    /// row.
    pub(super) async fn turn(&self, token: Uuid) -> Turn {
        self.turns.take(token).await
    }

    /// Drops the note of a token that is shared from now on.
    pub(super) fn forget(&self, token: Uuid) {
        self.notes().remove(&token);
    }

    /// Schedules the deletion of the token's old past syncs, once in [`SYNCS_BETWEEN`] syncs.
    pub(super) fn forget_old_sometimes(&self, note: &Note) {
        if note.sync.number % SYNCS_BETWEEN == 0 {
            self.with_old().insert((note.user_id, note.token_id));
        }
    }

    fn unwritten(&self) -> Vec<Note> {
        let notes = self.notes();
        let notes = notes.values();
        let unwritten = notes.filter(|waiting| waiting.written_at.is_none());
        unwritten.map(|waiting| waiting.note.clone()).collect()
    }

    /// Marks a note as written, or drops it because the row has changed. What was added to it
    /// meanwhile stays, and is now derived from the row that was written.
    fn settle(&self, note: &Note, is_written: bool) {
        let mut notes = self.notes();
        let Entry::Occupied(mut kept) = notes.entry(note.token_id) else {
            return;
        };
        let Waiting {
            note: newer,
            written_at,
        } = kept.get_mut();
        if newer.sync.revision != note.sync.revision {
            return;
        }
        if !is_written {
            kept.remove();
            return;
        }
        if newer.sync == note.sync {
            *written_at = Some(Instant::now());
        }
        newer.sync.revision += 1;
        newer.past.drain(..note.past.len());
    }

    fn forget_written(&self) {
        let is_old = |at: &Instant| at.elapsed() > DELAY;
        self.notes()
            .retain(|_, waiting| !waiting.written_at.as_ref().is_some_and(is_old));
    }

    /// Writes the waiting notes. Those that are added meanwhile wait for the next time.
    pub(in crate::store) async fn write_to(&self, writer: &Database) {
        for notes in self.unwritten().chunks(MAX_NOTES) {
            match write_some(writer, notes).await {
                Ok(written) => {
                    for note in notes {
                        self.settle(note, written.contains(&note.token_id));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, notes = notes.len(), "writing late notes failed");
                    return;
                }
            }
        }
    }

    fn with_old(&self) -> MutexGuard<'_, HashSet<(Uuid, Uuid)>> {
        self.with_old.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notes(&self) -> MutexGuard<'_, HashMap<Uuid, Waiting>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes the waiting notes regularly until the store is dropped.
pub(in crate::store) async fn write_regularly(
    writer: Database,
    clock: Clock,
    late_notes: Weak<LateNotes>,
) {
    loop {
        tokio::time::sleep(DELAY).await;
        let Some(late_notes) = late_notes.upgrade() else {
            return;
        };
        late_notes.write_to(&writer).await;
        late_notes.forget_written();
        let with_old = late_notes.with_old().drain().collect();
        if let Err(error) = delete_old(&writer, with_old, clock.now() - REMEMBERED).await {
            tracing::warn!(%error, "deleting old past syncs failed");
        }
    }
}

async fn delete_old(
    writer: &Database,
    tokens: Vec<(Uuid, Uuid)>,
    before: i64,
) -> Result<(), DbErr> {
    for (user_id, token_id) in tokens {
        let transaction = writer.begin().await?;
        device_table::delete_old(&transaction, user_id, token_id, before).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// Returns the tokens whose note could be written.
async fn write_some(writer: &Database, notes: &[Note]) -> Result<HashSet<Uuid>, DbErr> {
    let transaction = writer.begin().await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        // A crash may lose the notes.
        let relax = "SET LOCAL synchronous_commit = off";
        transaction.execute_unprepared(relax).await?;
    }
    let written = device_table::write_late(&transaction, notes).await?;
    transaction.commit().await?;
    Ok(written)
}
