//! Writes of several requests in one transaction, so that they share the wait for the disk.
//!
//! For SQLite, which has one writer: while one transaction is written to the disk, the writes of other requests gather,
//! and the next transaction takes them all. If it fails, each is tried again in a transaction of its own, so that one that
//! cannot be written leaves the others alone. A write is reported as done only after the commit.

use std::collections::{HashSet, VecDeque};
use std::future::Future;

use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::database::Database;

/// A transaction takes at most so many writes …
const MAX_WRITES: usize = 128;
/// … of so many frames together, unless the first has more: the others do not wait for a large one.
const MAX_FRAMES: usize = 1_000;

/// A write that can share a transaction.
pub(in crate::store) trait Work: Send + Sync + Sized + 'static {
    type Done: Send + 'static;

    /// A transaction takes one write of a user.
    fn user(&self) -> Uuid;

    /// How many frames it has.
    fn size(&self) -> usize;

    /// Does several writes, and returns the result of each. If it fails as a whole, nothing of the transaction is kept.
    fn write(
        transaction: &DatabaseTransaction,
        works: &[&Self],
    ) -> impl Future<Output = Result<Vec<Result<Self::Done, StoreError>>, StoreError>> + Send;
}

struct Job<W: Work> {
    work: W,
    /// The request's, for the log.
    span: Span,
    /// Told once the transaction has been committed, or why it could not be.
    done: oneshot::Sender<Result<W::Done, StoreError>>,
}

/// Where writes wait for the next transaction.
#[derive(Debug)]
pub(in crate::store) struct GroupCommit<W: Work>(mpsc::UnboundedSender<Job<W>>);

impl<W: Work> Clone for GroupCommit<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: Work> GroupCommit<W> {
    /// Needs a runtime, on which the transactions are written.
    pub(in crate::store) fn new(writer: Database) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(write_all(writer, receiver));
        Self(sender)
    }

    /// Does the work in the next transaction, or in one after it, and returns its result when that has been committed.
    pub(super) async fn run(&self, work: W) -> Result<W::Done, StoreError> {
        let closed = || {
            StoreError::Unavailable(DbErr::ConnectionAcquire(
                sea_orm::ConnAcquireErr::ConnectionClosed,
            ))
        };
        let (done, result) = oneshot::channel();
        let span = Span::current();
        let sent = self.0.send(Job { work, span, done });
        sent.map_err(|_| closed())?;
        result.await.map_err(|_| closed())?
    }
}

async fn write_all<W: Work>(writer: Database, mut jobs: mpsc::UnboundedReceiver<Job<W>>) {
    let mut waiting = VecDeque::new();
    loop {
        if waiting.is_empty() {
            let Some(job) = jobs.recv().await else { return };
            waiting.push_back(job);
        }
        let transaction = match writer.begin().await {
            Ok(transaction) => transaction,
            Err(error) => {
                if let Some(job) = waiting.pop_front() {
                    job.report(Err(error.into()));
                }
                continue;
            }
        };
        // What has come while the transaction before was written to the disk, or while this one waited to begin.
        waiting.extend(std::iter::from_fn(|| jobs.try_recv().ok()));
        // The client of a request that was given up has left.
        waiting.retain(|job: &Job<W>| !job.done.is_closed());
        let group = take_group(&mut waiting);
        write_group(&writer, transaction, group).await;
    }
}

/// Takes writes of different users, in their order.
fn take_group<W: Work>(waiting: &mut VecDeque<Job<W>>) -> Vec<Job<W>> {
    let (mut group, mut rest) = (Vec::new(), VecDeque::new());
    let (mut users, mut frames) = (HashSet::new(), 0);
    for job in waiting.drain(..) {
        let fits = group.is_empty() || frames + job.work.size() <= MAX_FRAMES;
        // One that does not fit keeps its place before later ones of its user.
        if users.insert(job.work.user()) && fits && group.len() < MAX_WRITES {
            frames += job.work.size();
            group.push(job);
        } else {
            rest.push_back(job);
        }
    }
    *waiting = rest;
    group
}

async fn write_group<W: Work>(
    writer: &Database,
    transaction: DatabaseTransaction,
    group: Vec<Job<W>>,
) {
    let is_single = group.len() == 1;
    match write(transaction, &group).await {
        Err(_) if !is_single => {
            for job in group {
                write_alone(writer, job).await;
            }
        }
        Err(error) => {
            if let Some(job) = group.into_iter().next() {
                job.report(Err(error));
            }
        }
        Ok(results) => {
            for (job, result) in group.into_iter().zip(results) {
                job.report(result);
            }
        }
    }
}

async fn write_alone<W: Work>(writer: &Database, job: Job<W>) {
    let job = [job];
    let results = match writer.begin().await {
        Ok(transaction) => write(transaction, &job).await,
        Err(error) => Err(error.into()),
    };
    let [job] = job;
    job.report(
        results.and_then(|mut results| results.pop().unwrap_or(Err(StoreError::SyncRunning))),
    );
}

/// Does the writes of a group and commits them. What is logged belongs to the first request.
async fn write<W: Work>(
    transaction: DatabaseTransaction,
    group: &[Job<W>],
) -> Result<Vec<Result<W::Done, StoreError>>, StoreError> {
    let works: Vec<&W> = group.iter().map(|job| &job.work).collect();
    let span = group
        .first()
        .map_or_else(Span::none, |job| job.span.clone());
    let written = async {
        match W::write(&transaction, &works).await {
            Ok(results) => {
                transaction.commit().await?;
                Ok(results)
            }
            Err(error) => {
                // If it fails, SQLite has rolled back by itself, and the connection is not used again.
                drop(transaction.rollback().await);
                Err(error)
            }
        }
    };
    written.instrument(span).await
}

impl<W: Work> Job<W> {
    /// Tells the request, if it has not been given up.
    fn report(self, result: Result<W::Done, StoreError>) {
        drop(self.done.send(result));
    }
}
