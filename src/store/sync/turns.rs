//! Locks within this process by user or by token. Waiting requests hold no database connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use uuid::Uuid;

type Lock = Arc<AsyncMutex<()>>;

/// The locks that are held or waited for.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Turns(Arc<Mutex<HashMap<Uuid, Lock>>>);

/// A held lock, released when dropped.
#[derive(Debug)]
#[must_use]
pub(in crate::store) struct Turn {
    /// Whether another request held it first, and may have changed what this one has read.
    pub(in crate::store) has_waited: bool,
    _guard: OwnedMutexGuard<()>,
    _place: Place,
}

/// A request that holds or awaits a lock. Removes the lock when no request uses it any more.
#[derive(Debug)]
struct Place {
    key: Uuid,
    turns: Turns,
}

impl Turns {
    /// Waits until no other request holds the lock of this key.
    pub(in crate::store) async fn take(&self, key: Uuid) -> Turn {
        let place = Place {
            key,
            turns: self.clone(),
        };
        let lock = Arc::clone(self.locks().entry(key).or_default());
        let (guard, has_waited) = match Arc::clone(&lock).try_lock_owned() {
            Ok(guard) => (guard, false),
            Err(_) => (lock.lock_owned().await, true),
        };
        Turn {
            has_waited,
            _guard: guard,
            _place: place,
        }
    }

    fn locks(&self) -> MutexGuard<'_, HashMap<Uuid, Lock>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut locks = self.turns.locks();
        // Every other request that uses the lock has a reference, too.
        if locks
            .get(&self.key)
            .is_some_and(|lock| Arc::strong_count(lock) == 1)
        {
            locks.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn one_request_holds_a_turn_and_no_lock_remains() {
        let turns = Turns::default();
        let (alice, bob) = (Uuid::now_v7(), Uuid::now_v7());
        let first = turns.take(alice).await;
        assert!(!first.has_waited);
        assert!(!turns.take(bob).await.has_waited);
        let timed_out = timeout(Duration::from_millis(1), turns.take(alice)).await;
        assert!(timed_out.is_err());
        let second = tokio::spawn({
            let turns = turns.clone();
            async move { turns.take(alice).await.has_waited }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop(first);
        assert!(second.await.expect("no panic"));
        assert_eq!(turns.locks().len(), 0);
    }
}
