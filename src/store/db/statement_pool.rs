//! Connections to PostgreSQL that are kept for the next statement.
//!
//! sqlx's pool asks each connection that comes back whether it is well: a round trip after every statement, and as long
//! again until the connection can be used. Here the next statement takes it at once. A statement that failed or was given
//! up leaves its connection to the pool, and so does every one that is not needed, or after a minute: the pool looks after
//! them as ever.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use migration::PING_AFTER_IDLE;
use sea_orm::sea_query::Values;
use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::query::Query;
use sea_orm::sqlx::{AssertSqlSafe, Connection as _, Error, PgPool, Postgres, query_with};
use sea_orm::{ConnAcquireErr, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{sleep, timeout};

use super::restart::Restart;

/// The longest a connection is kept from the pool while it is in use, and the longest it may be unused.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// How often the unused are looked for.
const SWEEP: Duration = Duration::from_secs(30);
/// How long a connection that has been unused may take to answer.
const ANSWER: Duration = Duration::from_secs(5);

/// A pool, and the connections that are kept from it.
#[derive(Debug)]
pub(in crate::store) struct Kept {
    pool: PgPool,
    /// As many statements at once as the pool has connections. The others wait here in turn, not for the pool, which
    /// hears of no connection that is kept.
    places: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Those that nobody uses; the one used last is the last.
    unused: Vec<Connection>,
    /// How many wait for a connection of the pool.
    waiting: usize,
    /// How many of these are on their way to the pool.
    promised: usize,
    is_closed: bool,
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

/// Somebody who takes a connection from the pool.
pub(in crate::store) struct Waiting<'a>(&'a Kept);

impl Kept {
    /// None is kept yet. Wants a runtime, on which it looks for those that are unused.
    pub(in crate::store) fn new(pool: PgPool) -> Arc<Self> {
        let most = pool.options().get_max_connections();
        let kept = Arc::new(Self {
            pool,
            places: Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS)),
            state: Mutex::default(),
        });
        tokio::spawn(sweep(Arc::downgrade(&kept)));
        kept
    }

    pub(in crate::store) async fn execute(
        &self,
        statement: Statement,
    ) -> Result<ExecResult, DbErr> {
        let mut lease = self.lease().await?;
        let done = query(statement).execute(lease.connection()).await;
        let done = done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))?;
        lease.give_back();
        Ok(done.into())
    }

    pub(in crate::store) async fn one(
        &self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let mut lease = self.lease().await?;
        let row = query(statement).fetch_optional(lease.connection()).await;
        let row = row.map_err(failed)?;
        lease.give_back();
        Ok(row.map(QueryResult::from))
    }

    pub(in crate::store) async fn all(
        &self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let mut lease = self.lease().await?;
        let rows = query(statement).fetch_all(lease.connection()).await;
        let rows = rows.map_err(failed)?;
        lease.give_back();
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Leaves the pool a connection for somebody who is about to take one from it: an unused one, or the next that is
    /// given back, for as long as they wait.
    pub(in crate::store) fn wait(&self) -> Waiting<'_> {
        let most = self.pool.options().get_max_connections();
        let is_exhausted = self.pool.num_idle() == 0 && self.pool.size() >= most;
        let mut state = self.state();
        state.waiting += 1;
        if is_exhausted && let Some(unused) = state.unused.pop() {
            state.promised += 1;
            drop(state);
            drop(unused);
        }
        Waiting(self)
    }

    /// Keeps none any more; those in use go to the pool, which is being closed, when their statements end.
    pub(in crate::store) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let unused = std::mem::take(&mut state.unused);
        drop(state);
        drop(unused);
    }

    async fn lease(&self) -> Result<Lease<'_>, DbErr> {
        if let Ok(place) = self.places.try_acquire() {
            let is_believed = |connection: &mut Connection| connection.is_believed();
            if let Some(connection) = self.state().unused.pop_if(is_believed) {
                return Ok(self.leased(connection, place));
            }
        }
        let patience = self.pool.options().get_acquire_timeout();
        let lease = timeout(patience, self.wait_for_lease()).await;
        lease
            .unwrap_or(Err(Error::PoolTimedOut))
            .map_err(not_acquired)
    }

    async fn wait_for_lease(&self) -> Result<Lease<'_>, Error> {
        let place = self.places.acquire().await;
        let place = place.map_err(|_| Error::PoolClosed)?;
        loop {
            let unused = self.state().unused.pop();
            let Some(unused) = unused else { break };
            if let Some(connection) = unused.if_well().await {
                return Ok(self.leased(connection, place));
            }
        }
        let waiting = self.wait();
        let of_pool = self.acquire().await?;
        drop(waiting);
        let now = Instant::now();
        let connection = Connection {
            of_pool,
            taken_at: now,
            used_at: now,
        };
        Ok(self.leased(connection, place))
    }

    /// A connection of the pool, as soon as PostgreSQL accepts connections.
    async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        let restart = Restart::new();
        loop {
            match self.pool.acquire().await {
                Err(error) if restart.should_retry(&error).await => {}
                result => return result,
            }
        }
    }

    fn leased<'a>(&'a self, connection: Connection, place: SemaphorePermit<'a>) -> Lease<'a> {
        Lease {
            connection,
            kept: self,
            _place: place,
        }
    }

    /// Gives those that are not needed to the pool, which closes them in time.
    async fn give_up_unused(&self) {
        let is_unused = |connection: &mut Connection| connection.used_at.elapsed() > KEPT_FOR;
        let unused: Vec<_> = (self.state().unused.extract_if(.., is_unused)).collect();
        for connection in unused {
            drop(connection.if_well().await);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives up what is unused until nobody can use it any more.
async fn sweep(kept: Weak<Kept>) {
    loop {
        sleep(SWEEP).await;
        let Some(kept) = kept.upgrade() else { return };
        kept.give_up_unused().await;
    }
}

impl Connection {
    fn is_believed(&self) -> bool {
        self.used_at.elapsed() < PING_AFTER_IDLE
    }

    /// Asks the other side, unless it has answered a moment ago. Of one that is not well nothing is left: the pool would
    /// wait for its answer as long as the system does.
    async fn if_well(mut self) -> Option<Self> {
        if self.is_believed() || matches!(timeout(ANSWER, self.of_pool.ping()).await, Ok(Ok(()))) {
            return Some(self);
        }
        drop(self.of_pool.detach());
        None
    }
}

impl Lease<'_> {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection.of_pool
    }

    /// Keeps the connection for the next statement, unless somebody waits for the pool.
    fn give_back(mut self) {
        self.connection.used_at = Instant::now();
        let mut state = self.kept.state();
        if state.promised < state.waiting {
            state.promised += 1;
        } else if !state.is_closed && self.connection.taken_at.elapsed() < KEPT_FOR {
            state.unused.push(self.connection);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.waiting -= 1;
        // What was promised to one who found another, or waits no more, is there for the next.
        state.promised = state.promised.saturating_sub(1);
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
