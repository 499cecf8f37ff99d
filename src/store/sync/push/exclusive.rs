//! A push with an exclusive token; `sync/exclusive.rs` decides.

use super::device_push::DevicePush;
use super::device_write::DeviceWrite;
use super::outcome::PushOutcome;
use super::postgres_writer;
use crate::store::{Store, StoreError};

impl Store {
    pub(super) async fn push_exclusive(&self, push: DevicePush) -> Result<PushOutcome, StoreError> {
        let count = i64::try_from(push.frames.len()).unwrap_or(i64::MAX);
        let plan = push.plan(push.under_way.as_ref(), (push.seq, push.seq + count));
        if !plan.must_note {
            let outcome = push.outcome(0, &plan.sync);
            // The past syncs that wait stay where they are: `add` would duplicate them.
            self.late_notes.add(push.note(plan.sync, Vec::new()));
            return Ok(outcome);
        }
        if !self.is_postgres() {
            let write = DeviceWrite::Push(Box::new(push), self.late_notes.clone());
            let written = self.group_commit.run(write).await?;
            self.late_notes.set_written(&written.note);
            return Ok(written.push);
        }
        let note = push.note(plan.sync, self.late_notes.all_past(push.token_id));
        if !plan.finds_missing
            && let Some(written) =
                postgres_writer::push(&self.writer, push.seq, &push.frames, &note).await?
        {
            self.late_notes.set_written(&note);
            return Ok(push.outcome(written, &note.sync));
        }
        let transaction = self.begin().await?;
        let (outcome, note) = push.write(&transaction, &self.late_notes).await?;
        transaction.commit().await?;
        self.late_notes.set_written(&note);
        Ok(outcome)
    }
}
