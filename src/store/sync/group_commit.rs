//! Combines the writes of several requests in one transaction, so that they share one wait for the
//! disk.
//!
//! For SQLite, which has one writer. While one transaction is written to the disk, the writes of
//! other requests gather, and the next transaction takes them all. If it fails, each write is tried
//! again in its own transaction, so that one failure does not affect the others. A write is
//! reported as done only after the commit.

use std::collections::{HashSet, VecDeque};
use std::future::Future;

use sea_orm::{DatabaseTransaction, DbErr};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use crate::store::StoreError;
use crate::store::db::database::Database;

/// The maximum number of writes in a transaction …
const MAX_WRITES: usize = 128;
/// … and of frames, unless the first write has more: the others do not wait for a large one.
const MAX_FRAMES: usize = 1_000;

/// A write that can share a transaction.
pub(in crate::store) trait Work: Send + Sync + Sized + 'static {
    type Done: Send + 'static;

    fn user(&self) -> Uuid;

    /// The number of frames.
    fn size(&self) -> usize;

    /// Performs writes of different users, and returns the result of each. If it fails as a whole,
    /// the transaction is rolled back.
    fn write(
        transaction: &DatabaseTransaction,
        works: &[&Self],
    ) -> impl Future<Output = Result<Vec<Result<Self::Done, StoreError>>, StoreError>> + Send;
}

struct Job<W: Work> {
    work: W,
    /// The span of the request, for the log.
    span: Span,
    /// Receives the result after the commit or the failure.
    done: oneshot::Sender<Result<W::Done, StoreError>>,
}

/// The queue of writes that wait for the next transaction.
#[derive(Debug)]
pub(in crate::store) struct GroupCommit<W: Work>(mpsc::UnboundedSender<Job<W>>);

impl<W: Work> Clone for GroupCommit<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: Work> GroupCommit<W> {
    /// Spawns the task that writes.
    pub(in crate::store) fn new(writer: Database) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(write_all(writer, receiver));
        Self(sender)
    }

    /// Performs the write in one of the next transactions, and returns its result after the commit.
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
        // These have arrived while the previous transaction was committed or this one began.
        waiting.extend(std::iter::from_fn(|| jobs.try_recv().ok()));
        // Drop requests whose client has disconnected.
        waiting.retain(|job: &Job<W>| !job.done.is_closed());
        let group = Group::take(&mut waiting);
        write_group(&writer, transaction, group).await;
    }
}

/// The writes of one transaction, in rounds. Each user has at most one write in a round.
struct Group<W: Work> {
    rounds: Vec<Vec<Job<W>>>,
    writes: usize,
    frames: usize,
}

impl<W: Work> Group<W> {
    /// Takes writes in the order of their arrival while there is room.
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
            // A write that does not fit stays before later ones of its user.
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

/// Performs the writes of a transaction and commits it. Logs in the span of the first request.
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
                // If this fails, SQLite has rolled back by itself, and the connection is dropped.
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

/// The server is shutting down.
fn closed() -> StoreError {
    StoreError::Unavailable(DbErr::ConnectionAcquire(
        sea_orm::ConnAcquireErr::ConnectionClosed,
    ))
}

impl<W: Work> Job<W> {
    /// Sends the result, unless the request was dropped.
    fn report(self, result: Result<W::Done, StoreError>) {
        drop(self.done.send(result));
    }
}
