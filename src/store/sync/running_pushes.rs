//! Counts the pushes of each token that this server is receiving or writing.
//!
//! A pull that arrives meanwhile waits. Otherwise it would overtake the push, and a timer's pulls
//! could prevent a long push from ever being written.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::store::StoreError;

/// How long a pull waits for a push of its token.
const PATIENCE: Duration = Duration::from_secs(20);

/// The number of running pushes by token.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct RunningPushes(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    counts: Mutex<HashMap<Uuid, usize>>,
    /// Notified whenever a token's last push has ended.
    ended: Notify,
}

/// A push in progress, until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct RunningPush {
    token: Option<Uuid>,
    pushes: RunningPushes,
}

impl RunningPushes {
    pub(super) fn begin(&self, token: Option<Uuid>) -> RunningPush {
        if let Some(token) = token {
            *self.0.counts().entry(token).or_default() += 1;
        }
        RunningPush {
            token,
            pushes: self.clone(),
        }
    }

    /// Waits until no push of this token is in progress, and returns whether there was one.
    ///
    /// # Errors
    /// After [`PATIENCE`].
    pub(super) async fn wait_for(&self, token: Uuid) -> Result<bool, StoreError> {
        let is_running = || self.0.counts().contains_key(&token);
        if !is_running() {
            return Ok(false);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ended = self.0.ended.notified();
            if !is_running() {
                return Ok(true);
            }
            let ended = timeout_at(deadline, ended).await;
            ended.map_err(|_| StoreError::SyncRunning)?;
        }
    }
}

impl Shared {
    fn counts(&self) -> MutexGuard<'_, HashMap<Uuid, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RunningPush {
    fn drop(&mut self) {
        let Some(token) = self.token else { return };
        let mut counts = self.pushes.0.counts();
        if let Some(count) = counts.get_mut(&token) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&token);
                self.pushes.0.ended.notify_waiters();
            }
        }
    }
}
