//! Collects the log of a running server.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long to wait for a line. Long, because only a failing test waits for all of it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The lines of a running program.
#[derive(Clone, Default)]
pub(crate) struct Log {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    ended: bool,
}

impl Shared {
    /// The lines, even if a thread has panicked while it held the lock.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Collects the lines of `source` until it ends.
    pub(crate) fn collect(source: impl Read + Send + 'static) -> (Self, JoinHandle<()>) {
        let log = Self::default();
        let shared = Arc::clone(&log.shared);
        let reader = std::thread::spawn(move || {
            let mut source = BufReader::new(source);
            let mut line = Vec::new();
            while source
                .read_until(b'\n', &mut line)
                .is_ok_and(|read| read > 0)
            {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                shared.lock().lines.push(text);
                shared.changed.notify_all();
                line.clear();
            }
            shared.lock().ended = true;
            shared.changed.notify_all();
        });
        (log, reader)
    }

    /// Waits for the first line for which `find` returns a value, or for the end of the program.
    #[track_caller]
    pub(crate) fn wait_for<T>(&self, mut find: impl FnMut(&str) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shared.lock();
        let mut seen = 0;
        loop {
            if let Some(found) = state.lines[seen..].iter().find_map(|line| find(line)) {
                return Some(found);
            }
            seen = state.lines.len();
            if state.ended {
                return None;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "not in the log after {PATIENCE:?}: {:#?}",
                state.lines
            );
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Everything so far.
    pub(crate) fn text(&self) -> String {
        self.shared.lock().lines.join("\n")
    }

    /// The lines so far that are JSON.
    pub(crate) fn events(&self) -> Vec<Value> {
        let state = self.shared.lock();
        state
            .lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }
}
