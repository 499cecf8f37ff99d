//! Writes of several requests in one transaction, so that they share the wait for the disk.
//!
//! For SQLite, which has one writer: while one transaction is written to the disk, the writes of other requests gather,
//! and the next transaction takes them all. Each of them has a savepoint, so that one that fails leaves the others alone,
//! and is reported as done only after the commit.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{DatabaseTransaction, DbErr, TransactionTrait as _};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument as _, Span};

use crate::store::StoreError;
use crate::store::database::Database;

/// A transaction takes at most so many writes, so that the first does not wait for long.
const MAX_WRITES: usize = 128;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// Returns whether the write succeeded.
type Work = Box<dyn for<'a> FnOnce(&'a DatabaseTransaction) -> BoxFuture<'a, bool> + Send>;

struct Job {
    work: Work,
    /// Told once the transaction has been committed, or why it could not be.
    committed: oneshot::Sender<Result<(), DbErr>>,
}

/// Where writes wait for the next transaction.
#[derive(Clone, Debug)]
pub(in crate::store) struct GroupCommit(mpsc::UnboundedSender<Job>);

impl GroupCommit {
    /// Needs a runtime, on which the transactions are written.
    pub(in crate::store) fn new(writer: Database) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(write_all(writer, receiver));
        Self(sender)
    }

    /// Does the work in the next transaction, and returns its result when that has been committed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl for<'a> FnOnce(&'a DatabaseTransaction) -> BoxFuture<'a, Result<T, StoreError>>
        + Send
        + 'static,
    ) -> Result<T, StoreError> {
        let result = Arc::new(Mutex::new(None));
        let (committed, commit) = oneshot::channel();
        let place = Arc::clone(&result);
        // What is logged belongs to the request.
        let span = Span::current();
        let work: Work = Box::new(move |transaction| {
            let done = async move {
                let done = work(transaction).await;
                let is_done = done.is_ok();
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                is_done
            };
            Box::pin(done.instrument(span))
        });
        let closed = || {
            StoreError::Unavailable(DbErr::ConnectionAcquire(
                sea_orm::ConnAcquireErr::ConnectionClosed,
            ))
        };
        self.0.send(Job { work, committed }).map_err(|_| closed())?;
        let commit = commit.await.map_err(|_| closed())?;
        let done = result.lock().unwrap_or_else(PoisonError::into_inner).take();
        let done = done.ok_or_else(closed)?;
        if done.is_ok() {
            commit?;
        }
        done
    }
}

async fn write_all(writer: Database, mut jobs: mpsc::UnboundedReceiver<Job>) {
    while let Some(first) = jobs.recv().await {
        write_group(&writer, first, &mut jobs).await;
    }
}

async fn write_group(writer: &Database, first: Job, jobs: &mut mpsc::UnboundedReceiver<Job>) {
    let transaction = match writer.begin().await {
        Ok(transaction) => transaction,
        Err(error) => {
            // Dropping the job without a result reports the failure.
            drop(first.committed.send(Err(error)));
            return;
        }
    };
    let mut waiting = Vec::new();
    let mut next = Some(first);
    while let Some(job) = next {
        // The client of a request that was given up has left.
        if !job.committed.is_closed() {
            if let Err(error) = do_work(&transaction, job.work).await {
                drop(job.committed.send(Err(error)));
            } else {
                waiting.push(job.committed);
            }
        }
        next = (waiting.len() < MAX_WRITES)
            .then(|| jobs.try_recv().ok())
            .flatten();
    }
    let committed = transaction.commit().await;
    for request in waiting {
        drop(request.send(committed.clone()));
    }
}

async fn do_work(transaction: &DatabaseTransaction, work: Work) -> Result<(), DbErr> {
    let savepoint = transaction.begin().await?;
    if work(&savepoint).await {
        savepoint.commit().await
    } else {
        savepoint.rollback().await
    }
}
