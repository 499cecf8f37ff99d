//! Writes of several requests in one transaction, so that they share the wait for the disk.
//!
//! For SQLite, which has one writer: while one transaction is written to the disk, the writes of other requests gather,
//! and the next transaction takes them all. If one of them fails, nothing of the transaction is kept, and each is tried
//! again in a transaction of its own, so that it leaves the others alone. A write is reported as done only after the commit.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument as _, Span};

use crate::store::StoreError;
use crate::store::database::Database;

/// A transaction takes at most so many writes, so that the first does not wait for long.
const MAX_WRITES: usize = 128;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
/// Returns whether the write succeeded.
type Work = Box<dyn for<'a> Fn(&'a DatabaseTransaction) -> BoxFuture<'a, bool> + Send + Sync>;

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

    /// Does the work in the next transaction, or in one after it, and returns its result when that has been committed.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl for<'a> Fn(&'a DatabaseTransaction) -> BoxFuture<'a, Result<T, StoreError>>
        + Send
        + Sync
        + 'static,
    ) -> Result<T, StoreError> {
        let result = Arc::new(Mutex::new(None));
        let (committed, commit) = oneshot::channel();
        let place = Arc::clone(&result);
        // What is logged belongs to the request.
        let span = Span::current();
        let work: Work = Box::new(move |transaction| {
            let (done, place) = (work(transaction), Arc::clone(&place));
            let done = async move {
                let done = done.await;
                let is_done = done.is_ok();
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
                is_done
            };
            Box::pin(done.instrument(span.clone()))
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
        Err(error) => return first.report(Err(error)),
    };
    let mut group = Vec::new();
    let mut next = Some(first);
    while let Some(job) = next {
        // The client of a request that was given up has left.
        if !job.committed.is_closed() {
            let is_done = (job.work)(&transaction).await;
            group.push(job);
            if !is_done {
                return write_alone(writer, transaction, group).await;
            }
        }
        next = (group.len() < MAX_WRITES)
            .then(|| jobs.try_recv().ok())
            .flatten();
    }
    let committed = transaction.commit().await;
    for job in group {
        job.report(committed.clone());
    }
}

/// Undoes a transaction in which the last of the writes failed, and does each in a transaction of its own.
async fn write_alone(writer: &Database, failed: DatabaseTransaction, group: Vec<Job>) {
    let undone = failed.rollback().await;
    let is_single = group.len() == 1;
    for job in group {
        let committed = match &undone {
            Ok(()) if !is_single => write_one(writer, &job).await,
            undone => undone.clone(),
        };
        job.report(committed);
    }
}

async fn write_one(writer: &Database, job: &Job) -> Result<(), DbErr> {
    let transaction = writer.begin().await?;
    if (job.work)(&transaction).await {
        transaction.commit().await
    } else {
        transaction.rollback().await
    }
}

impl Job {
    /// Tells the request, if it has not been given up.
    fn report(self, committed: Result<(), DbErr>) {
        drop(self.committed.send(committed));
    }
}
