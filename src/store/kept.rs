//! Connections to PostgreSQL that are kept for the next statement.
//!
//! sqlx's pool asks each connection that comes back whether it is well: a round trip after every statement, and as long
//! again until the connection can be used. Here the next statement takes it at once. A statement that failed or was given
//! up leaves its connection to the pool, and so does every one after a while: the pool looks after them as ever.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sea_query::Values;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{AssertSqlSafe, Error, PgPool, Postgres, query_with};
use sea_orm::{ConnAcquireErr, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Semaphore, SemaphorePermit};

/// How long an unused connection that was well is believed to be.
const WELL_FOR: Duration = Duration::from_millis(100);
/// How long a connection is kept from the pool.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// A pool, and the connections that are kept from it.
#[derive(Debug)]
pub(super) struct Kept {
    pool: PgPool,
    /// As many statements at once as the pool has connections. The others wait here in turn, not for the pool, which
    /// hears of no connection that is kept.
    places: Semaphore,
    /// Those that nobody uses; the one used last is the last.
    unused: Mutex<Vec<Connection>>,
    /// How many wait for the pool: none is kept then.
    waiting: AtomicUsize,
}

#[derive(Debug)]
struct Connection {
    of_pool: PoolConnection<Postgres>,
    taken_at: Instant,
    used_at: Instant,
}

/// A connection for one statement. It goes to the pool unless it is given back.
struct Lease<'a> {
    connection: Connection,
    kept: &'a Kept,
    _place: SemaphorePermit<'a>,
}

/// Says that somebody waits for the pool.
pub(super) struct Waiting<'a>(&'a AtomicUsize);

impl Kept {
    /// None is kept yet.
    pub(super) fn new(pool: PgPool) -> Self {
        let most = pool.options().get_max_connections();
        Self {
            pool,
            places: Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS)),
            unused: Mutex::default(),
            waiting: AtomicUsize::new(0),
        }
    }

    pub(super) async fn execute(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut lease = self.lease().await?;
        let done = query(statement).execute(lease.connection()).await;
        let done = done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))?;
        lease.give_back();
        Ok(done.into())
    }

    pub(super) async fn one(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut lease = self.lease().await?;
        let row = query(statement).fetch_optional(lease.connection()).await;
        let row = row.map_err(failed)?;
        lease.give_back();
        Ok(row.map(QueryResult::from))
    }

    pub(super) async fn all(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut lease = self.lease().await?;
        let rows = query(statement).fetch_all(lease.connection()).await;
        let rows = rows.map_err(failed)?;
        lease.give_back();
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Leaves the pool a connection for somebody who is about to take one from it, and keeps none while they wait.
    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        drop(self.unused().pop());
        Waiting(&self.waiting)
    }

    /// Keeps none any more; those in use go to the pool, which is being closed, when their statements end.
    pub(super) fn close(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.unused().clear();
    }

    async fn lease(&self) -> Result<Lease<'_>, DbErr> {
        let patience = self.pool.options().get_acquire_timeout();
        let place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(_) => match tokio::time::timeout(patience, self.places.acquire()).await {
                Ok(Ok(place)) => place,
                Ok(Err(_)) | Err(_) => return Err(not_acquired(Error::PoolTimedOut)),
            },
        };
        let now = Instant::now();
        let unused = self.unused().pop();
        let connection = match unused.filter(|connection| connection.is_believed(now)) {
            Some(connection) => connection,
            None => {
                let _waiting = self.wait();
                Connection {
                    of_pool: self.pool.acquire().await.map_err(not_acquired)?,
                    taken_at: now,
                    used_at: now,
                }
            }
        };
        Ok(Lease {
            connection,
            kept: self,
            _place: place,
        })
    }

    fn unused(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.unused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    fn is_believed(&self, now: Instant) -> bool {
        now.duration_since(self.used_at) < WELL_FOR && now.duration_since(self.taken_at) < KEPT_FOR
    }
}

impl Lease<'_> {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection.of_pool
    }

    /// Keeps the connection for the next statement.
    fn give_back(mut self) {
        self.connection.used_at = Instant::now();
        let mut unused = self.kept.unused();
        // Asked under the lock, under which whoever begins to wait looks for one.
        if self.kept.waiting.load(Ordering::Relaxed) == 0 {
            unused.push(self.connection);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The statement with its values, which are no part of its text.
fn query(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| Values(Vec::new()));
    query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

fn failed(error: Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

fn not_acquired(error: Error) -> DbErr {
    match error {
        Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
    }
}
