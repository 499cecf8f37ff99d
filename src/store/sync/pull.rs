//! Decides what a pull returns, remembers it, and reads the frames page by page.

mod exclusive;
mod frame;
mod page;
mod page_pack;
mod query;
mod share_token;
mod shared;

use super::state::{Devices, SyncState};
use crate::store::{Caller, Store, StoreError, User};

pub use frame::PulledFrame;
pub(in crate::store) use frame::pulled_frame;
pub use query::Pull;

/// How often a pull is planned again because another request of its token was noted meanwhile.
const MAX_ATTEMPTS: usize = 5;

impl Store {
    /// Decides what a device that presents `last_sync` is sent, and remembers it. A caller without
    /// a token is sent everything, and nothing is remembered.
    ///
    /// # Errors
    /// When another sync of the device does not end, or when the database was restored and the
    /// device has to start over.
    pub async fn pull(
        &self,
        caller: &Caller,
        state: Option<SyncState>,
        last_sync: jiff::Timestamp,
    ) -> Result<Pull, StoreError> {
        let Some(token_id) = caller.token_id() else {
            return Ok(self.pull_all(&caller.user));
        };
        let last_sync = last_sync.as_microsecond();
        let has_waited = self.pushes.wait_for(token_id).await?;
        let mut state = match state {
            Some(state) if !has_waited => state,
            _ => self.sync_state(token_id, Some(last_sync)).await?,
        };
        for _ in 0..MAX_ATTEMPTS {
            let pull = match &state.devices {
                Devices::One(stored) => {
                    self.pull_exclusive(caller, token_id, last_sync, &state, stored)
                        .await?
                }
                Devices::Several(_) if state.restored_at > 0 => {
                    return Err(StoreError::SharedSinceRestore);
                }
                Devices::Several(cursors) => Some(
                    self.pull_shared(caller, token_id, last_sync, state.seq, cursors)
                        .await?,
                ),
            };
            match pull {
                Some(pull) => return Ok(pull),
                None => state = self.sync_state(token_id, Some(last_sync)).await?,
            }
        }
        Err(StoreError::SyncRunning)
    }

    /// All frames of a user, without remembering anything.
    #[must_use]
    pub fn pull_all(&self, user: &User) -> Pull {
        Pull::all(user, i64::MAX)
    }
}
