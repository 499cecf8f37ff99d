//! Reuses a connection to PostgreSQL for the next statement, without the ping that sqlx's pool
//! sends whenever a connection is returned.
//!
//! The ping is a round trip after every statement, during which nothing else can use the
//! connection. Here the next statement uses the connection at once. A connection goes back to
//! sqlx's pool, which checks and closes connections, if its statement failed or was cancelled, if
//! it is not needed, and after a minute.

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

/// A connection is returned to sqlx's pool after this time, and after being idle for this time.
const MAX_AGE: Duration = Duration::from_secs(60);
/// How often idle connections are returned.
const SWEEP_INTERVAL: Duration = Duration::from_secs(30);
/// The timeout of a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// sqlx's pool, and the idle connections that were not returned to it.
#[derive(Debug)]
pub(in crate::store) struct StatementPool {
    pool: PgPool,
    /// One permit for each connection of sqlx's pool. Statements wait here, because sqlx's pool
    /// does not know when a connection becomes idle.
    permits: Semaphore,
    state: Mutex<State<Connection>>,
}

#[derive(Debug)]
struct State<T> {
    /// The most recently used connection is the last.
    idle: Vec<T>,
    /// The number of tasks that wait for a connection of sqlx's pool.
    waiting: usize,
    /// How many of these have a connection on its way to sqlx's pool.
    reserved: usize,
    is_closed: bool,
}

#[derive(Debug)]
struct Connection {
    pooled: PoolConnection<Postgres>,
    acquired_at: Instant,
    used_at: Instant,
}

/// A connection for one statement. Dropping it returns the connection to sqlx's pool.
struct Lease<'a> {
    connection: Connection,
    pool: &'a StatementPool,
    _permit: SemaphorePermit<'a>,
}

/// A task that waits for a connection of sqlx's pool.
pub(in crate::store) struct Waiting<'a>(&'a StatementPool);

impl StatementPool {
    /// Spawns the task that returns idle connections.
    pub(in crate::store) fn new(pool: PgPool) -> Arc<Self> {
        let most = pool.options().get_max_connections();
        let statements = Arc::new(Self {
            pool,
            permits: Semaphore::new(usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS)),
            state: Mutex::new(State::new()),
        });
        tokio::spawn(return_idle(Arc::downgrade(&statements)));
        statements
    }

    pub(in crate::store) async fn execute(
        &self,
        statement: Statement,
    ) -> Result<ExecResult, DbErr> {
        let mut lease = self.lease().await?;
        let done = query(statement).execute(lease.connection()).await;
        let done = done.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))?;
        lease.release();
        Ok(done.into())
    }

    pub(in crate::store) async fn one(
        &self,
        statement: Statement,
    ) -> Result<Option<QueryResult>, DbErr> {
        let mut lease = self.lease().await?;
        let row = query(statement).fetch_optional(lease.connection()).await;
        let row = row.map_err(failed)?;
        lease.release();
        Ok(row.map(QueryResult::from))
    }

    pub(in crate::store) async fn all(
        &self,
        statement: Statement,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let mut lease = self.lease().await?;
        let rows = query(statement).fetch_all(lease.connection()).await;
        let rows = rows.map_err(failed)?;
        lease.release();
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Reserves a connection for a task that is about to acquire one from sqlx's pool: an idle one,
    /// or the next one that becomes idle while it waits.
    pub(in crate::store) fn wait(&self) -> Waiting<'_> {
        let most = self.pool.options().get_max_connections();
        let is_exhausted = self.pool.num_idle() == 0 && self.pool.size() >= most;
        let mut state = self.state();
        state.waiting += 1;
        if is_exhausted && let Some(idle) = state.idle.pop() {
            state.reserved += 1;
            drop(state);
            drop(idle);
        }
        Waiting(self)
    }

    /// Returns all idle connections, and from now on every other one after its statement.
    pub(in crate::store) fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let idle = std::mem::take(&mut state.idle);
        drop(state);
        drop(idle);
    }

    async fn lease(&self) -> Result<Lease<'_>, DbErr> {
        if let Ok(permit) = self.permits.try_acquire() {
            let is_recent = |connection: &mut Connection| connection.is_recently_used();
            if let Some(connection) = self.state().idle.pop_if(is_recent) {
                return Ok(self.new_lease(connection, permit));
            }
        }
        let limit = self.pool.options().get_acquire_timeout();
        let lease = timeout(limit, self.wait_for_lease()).await;
        lease
            .unwrap_or(Err(Error::PoolTimedOut))
            .map_err(not_acquired)
    }

    async fn wait_for_lease(&self) -> Result<Lease<'_>, Error> {
        let permit = self.permits.acquire().await;
        let permit = permit.map_err(|_| Error::PoolClosed)?;
        loop {
            let idle = self.state().idle.pop();
            let Some(idle) = idle else { break };
            if let Some(connection) = idle.ping_or_discard().await {
                return Ok(self.new_lease(connection, permit));
            }
        }
        let waiting = self.wait();
        let pooled = self.acquire().await?;
        drop(waiting);
        let now = Instant::now();
        let connection = Connection {
            pooled,
            acquired_at: now,
            used_at: now,
        };
        Ok(self.new_lease(connection, permit))
    }

    /// A connection of sqlx's pool, as soon as PostgreSQL accepts connections.
    async fn acquire(&self) -> Result<PoolConnection<Postgres>, Error> {
        let restart = Restart::new();
        loop {
            match self.pool.acquire().await {
                Err(error) if restart.should_retry(&error).await => {}
                result => return result,
            }
        }
    }

    fn new_lease<'a>(&'a self, connection: Connection, permit: SemaphorePermit<'a>) -> Lease<'a> {
        Lease {
            connection,
            pool: self,
            _permit: permit,
        }
    }

    /// Returns connections that are no longer needed to sqlx's pool, which closes them in time.
    async fn return_old(&self) {
        let is_old = |connection: &mut Connection| connection.used_at.elapsed() > MAX_AGE;
        let old: Vec<_> = self.state().idle.extract_if(.., is_old).collect();
        for connection in old {
            drop(connection.ping_or_discard().await);
        }
    }

    fn state(&self) -> MutexGuard<'_, State<Connection>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns idle connections regularly until the pool is dropped.
async fn return_idle(statements: Weak<StatementPool>) {
    loop {
        sleep(SWEEP_INTERVAL).await;
        let Some(statements) = statements.upgrade() else {
            return;
        };
        statements.return_old().await;
    }
}

impl<T> State<T> {
    fn new() -> Self {
        Self {
            idle: Vec::new(),
            waiting: 0,
            reserved: 0,
            is_closed: false,
        }
    }

    /// Keeps a connection, or gives it back if it must be returned to sqlx's pool: a task waits for
    /// one, or the pool is closed.
    fn keep(&mut self, connection: T) -> Option<T> {
        if self.reserved < self.waiting {
            self.reserved += 1;
            return Some(connection);
        }
        if self.is_closed {
            return Some(connection);
        }
        self.idle.push(connection);
        None
    }

    /// A reservation that a task did not use remains for the next one.
    fn end_waiting(&mut self) {
        self.waiting -= 1;
        self.reserved = self.reserved.saturating_sub(1);
    }
}

impl Connection {
    fn is_recently_used(&self) -> bool {
        self.used_at.elapsed() < PING_AFTER_IDLE
    }

    /// Pings a connection that was not used recently. One that does not respond is dropped, because
    /// sqlx's pool would wait for its response as long as the system does.
    async fn ping_or_discard(mut self) -> Option<Self> {
        if self.is_recently_used()
            || matches!(timeout(PING_TIMEOUT, self.pooled.ping()).await, Ok(Ok(())))
        {
            return Some(self);
        }
        drop(self.pooled.detach());
        None
    }
}

impl Lease<'_> {
    fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection.pooled
    }

    /// Keeps the connection for the next statement, unless it is old or a task waits for one.
    fn release(mut self) {
        self.connection.used_at = Instant::now();
        let is_old = self.connection.acquired_at.elapsed() >= MAX_AGE;
        let mut state = self.pool.state();
        let returned = if is_old && state.reserved >= state.waiting {
            Some(self.connection)
        } else {
            state.keep(self.connection)
        };
        drop(state);
        drop(returned);
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().end_waiting();
    }
}

/// Binds the values of the statement.
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

#[cfg(test)]
mod tests {
    use super::State;

    #[test]
    fn a_connection_is_kept_for_the_next_statement() {
        let mut state = State::new();
        assert_eq!(state.keep("connection"), None);
        assert_eq!(state.idle, ["connection"]);
    }

    #[test]
    fn each_waiting_task_gets_one_connection() {
        let mut state = State::new();
        state.waiting = 2;
        assert_eq!(state.keep("first"), Some("first"));
        assert_eq!(state.keep("second"), Some("second"));
        assert_eq!(state.keep("third"), None);
        state.end_waiting();
        state.end_waiting();
        assert_eq!((state.waiting, state.reserved), (0, 0));
    }

    #[test]
    fn a_task_that_found_a_connection_elsewhere_leaves_no_reservation() {
        let mut state = State::<&str>::new();
        state.waiting = 1;
        state.end_waiting();
        assert_eq!(state.keep("connection"), None);
    }

    #[test]
    fn a_closed_pool_keeps_no_connection() {
        let mut state = State::new();
        state.is_closed = true;
        assert_eq!(state.keep("connection"), Some("connection"));
    }
}
