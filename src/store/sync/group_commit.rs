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
use crate::store::db::database::Database;

/// A transaction takes at most so many writes …
const MAX_WRITES: usize = 128;
/// … of so many frames together, unless the first has more: the others do not wait for a large one.
const MAX_FRAMES: usize = 1_000;

/// A write that can share a transaction.
pub(in crate::store) trait Work: Send + Sync + Sized + 'static {
    type Done: Send + 'static;

    /// Of whom.
    fn user(&self) -> Uuid;

    /// How many frames it has.
    fn size(&self) -> usize;

    /// Does several writes of different users, and returns the result of each. If it fails as a whole, nothing of the transaction is kept.
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
        let group = Group::take(&mut waiting);
        write_group(&writer, transaction, group).await;
    }
}

/// The writes of one transaction. Of those in one round, each is of another user.
struct Group<W: Work> {
    rounds: Vec<Vec<Job<W>>>,
    writes: usize,
    frames: usize,
}

impl<W: Work> Group<W> {
    /// Takes writes in the order in which they came, as far as there is room.
    fn take(waiting: &mut VecDeque<Job<W>>) -> Self {
        let mut group = Self {
            rounds: Vec::new(),
            writes: 0,
            frames: 0,
        };
        loop {
            let round = group.take_round(waiting);
            if round.is_empty() {
                return group;
            }
            group.rounds.push(round);
        }
    }

    fn take_round(&mut self, waiting: &mut VecDeque<Job<W>>) -> Vec<Job<W>> {
        let (mut round, mut rest, mut users) = (Vec::new(), VecDeque::new(), HashSet::new());
        for job in waiting.drain(..) {
            // One that does not fit keeps its place before later ones of its user.
            if users.insert(job.work.user()) && self.has_room_for(&job.work) {
                self.writes += 1;
                self.frames += job.work.size();
                round.push(job);
            } else {
                rest.push_back(job);
            }
        }
        *waiting = rest;
        round
    }

    fn has_room_for(&self, work: &W) -> bool {
        let is_first = self.writes == 0;
        is_first || (self.writes < MAX_WRITES && self.frames + work.size() <= MAX_FRAMES)
    }
}

async fn write_group<W: Work>(
    writer: &Database,
    transaction: DatabaseTransaction,
    group: Group<W>,
) {
    let results = write(transaction, &group.rounds).await;
    let mut jobs = group.rounds.into_iter().flatten();
    match results {
        Ok(results) => {
            for (job, result) in jobs.zip(results) {
                job.report(result);
            }
        }
        Err(_) if group.writes > 1 => {
            for job in jobs {
                write_alone(writer, job).await;
            }
        }
        Err(error) => {
            if let Some(job) = jobs.next() {
                job.report(Err(error));
            }
        }
    }
}

async fn write_alone<W: Work>(writer: &Database, job: Job<W>) {
    let mut rounds = [vec![job]];
    let results = match writer.begin().await {
        Ok(transaction) => write(transaction, &rounds).await,
        Err(error) => Err(error.into()),
    };
    let [round] = &mut rounds;
    if let Some(job) = round.pop() {
        job.report(results.and_then(|mut results| results.pop().unwrap_or_else(|| Err(closed()))));
    }
}

/// Does the writes of a transaction and commits them. What is logged belongs to the first request.
async fn write<W: Work>(
    transaction: DatabaseTransaction,
    rounds: &[Vec<Job<W>>],
) -> Result<Vec<Result<W::Done, StoreError>>, StoreError> {
    let first = rounds.iter().flatten().next();
    let span = first.map_or_else(Span::none, |job| job.span.clone());
    let written = async {
        match write_rounds(&transaction, rounds).await {
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

async fn write_rounds<W: Work>(
    transaction: &DatabaseTransaction,
    rounds: &[Vec<Job<W>>],
) -> Result<Vec<Result<W::Done, StoreError>>, StoreError> {
    let mut results = Vec::new();
    for round in rounds {
        let works: Vec<&W> = round.iter().map(|job| &job.work).collect();
        results.extend(W::write(transaction, &works).await?);
    }
    Ok(results)
}

/// The server is being stopped.
fn closed() -> StoreError {
    StoreError::Unavailable(DbErr::ConnectionAcquire(
        sea_orm::ConnAcquireErr::ConnectionClosed,
    ))
}

impl<W: Work> Job<W> {
    /// Tells the request, if it has not been given up.
    fn report(self, result: Result<W::Done, StoreError>) {
        drop(self.done.send(result));
    }
}
