//! A pull with an exclusive token; `sync/exclusive.rs` decides.

use uuid::Uuid;

use super::query::{Place, Pull, Rest};
use crate::store::sync::device_table;
use crate::store::sync::device_table::Note;
use crate::store::sync::exclusive::{DeviceSync, MustStartOver, PullRequest, Rule, plan_pull};
use crate::store::sync::push::device_write::DeviceWrite;
use crate::store::sync::state::{OneDevice, SyncState};
use crate::store::{Caller, Store, StoreError, User};

/// The result of planning a pull.
enum Attempt {
    Planned(Pull),
    /// The pull must be noted, which the pulls of a token do one after the other.
    NeedsTurn,
    /// Another request of the token was noted since the state was read.
    Overtaken,
}

impl Store {
    /// Returns `None` if another request of the token was noted since the state was read.
    pub(super) async fn pull_exclusive(
        &self,
        caller: &Caller,
        token_id: Uuid,
        last_sync: i64,
        state: &SyncState,
        stored: &OneDevice,
    ) -> Result<Option<Pull>, StoreError> {
        let mut turn = None;
        loop {
            let pull = self.try_pull(caller, token_id, last_sync, state, stored, turn.is_some());
            match pull.await? {
                Attempt::Planned(pull) => return Ok(Some(pull)),
                Attempt::Overtaken => return Ok(None),
                Attempt::NeedsTurn => turn = Some(self.late_notes.turn(token_id).await),
            }
        }
    }

    /// Plans a pull, and notes it if it need not be noted at once or has its turn.
    async fn try_pull(
        &self,
        caller: &Caller,
        token_id: Uuid,
        last_sync: i64,
        state: &SyncState,
        stored: &OneDevice,
        has_turn: bool,
    ) -> Result<Attempt, StoreError> {
        let under_way = stored.under_way.clone();
        let under_way = self.late_notes.newest(token_id, under_way);
        let past = self.late_notes.past(token_id, last_sync);
        let past = past.or_else(|| stored.past.clone());
        let request = PullRequest {
            last_sync,
            seq: state.seq,
            now: state.clock.now(),
            restored_at: state.restored_at,
        };
        let mut plan = plan_pull(under_way.as_ref(), past.as_ref(), request)
            .map_err(|MustStartOver| StoreError::MustStartOver)?;
        let latest_syncs = &mut plan.sync.latest_syncs;
        match (plan.rule, &under_way) {
            (Rule::Next, Some(before)) if latest_syncs.observe(last_sync, before.pushed_at) => {
                let pull = self.share_token(caller, token_id, last_sync, state.seq, before);
                return pull.await.map(Attempt::Planned);
            }
            (Rule::Next | Rule::Repeat, _) => {}
            (Rule::Everything | Rule::Backup | Rule::Merge, _) => latest_syncs.restart(),
        }
        let pull = Pull::of_sync(&caller.user, token_id, &plan.sync);
        let mut note = Note {
            user_id: caller.user.id,
            token_id,
            sync: plan.sync,
            past: plan.past.into_iter().collect(),
            now: request.now,
        };
        if plan.must_note && !has_turn {
            return Ok(Attempt::NeedsTurn);
        }
        if plan.rule != Rule::Repeat {
            self.late_notes.forget_old_sometimes(&note);
        }
        if !plan.must_note {
            self.late_notes.add(note);
            return Ok(Attempt::Planned(pull));
        }
        note.past.splice(..0, self.late_notes.all_past(token_id));
        if !self.write_note(&note).await? {
            return Ok(Attempt::Overtaken);
        }
        self.late_notes.set_written(&note);
        Ok(Attempt::Planned(pull))
    }

    /// Returns `false`, having written nothing, if the sync is not the one that the note follows.
    async fn write_note(&self, note: &Note) -> Result<bool, StoreError> {
        if self.is_postgres() {
            return Ok(device_table::write(&self.writer, note).await?);
        }
        let write = DeviceWrite::Note(Box::new(note.clone()));
        match self.group_commit.run(write).await {
            Ok(_) => Ok(true),
            Err(StoreError::SyncRunning) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Pull {
    fn of_sync(user: &User, token_id: Uuid, sync: &DeviceSync) -> Self {
        let rest = match sync.selection() {
            None => Rest::Nothing,
            Some(selection) if selection.is_everything() => {
                return Self::all(user, selection.upto);
            }
            Some(selection) if selection.is_delta() => Rest::Delta {
                after: selection.others_after,
                upto: selection.upto,
                except: Some(sync.writer),
            },
            Some(selection) => Rest::Selected {
                token_id,
                writer: sync.writer,
                selection,
                after: Place::FIRST,
            },
        };
        Self::new(user, rest)
    }
}
