//! Runs single statements on connections of the statement pool, and transactions and streams of rows on
//! those of sqlx's pool.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, SqliteTransactionMode, Statement, StreamTrait as _,
    TransactionOptions, TransactionTrait as _,
};
use tokio::task::JoinError;
use tokio::time::timeout;

use super::restart::{Restart, has_lost_connection, repeatable};
use super::statement_pool::StatementPool;
use crate::store::error::driver_error;

/// After this long no response will arrive: PostgreSQL ends a statement after a minute, and PgBouncer
/// lets it wait for two.
pub(in crate::store) const LOST: Duration = Duration::from_secs(180);

/// A pool of connections. Cloning it is cheap and shares them.
#[derive(Clone, Debug)]
pub(in crate::store) struct Database {
    pool: DatabaseConnection,
    /// For PostgreSQL. SQLite has no round trips to save.
    statements: Option<Arc<StatementPool>>,
}

impl Database {
    /// Needs a runtime.
    pub(in crate::store) fn new(pool: DatabaseConnection) -> Self {
        let is_postgres = pool.get_database_backend() == DbBackend::Postgres;
        let statements =
            is_postgres.then(|| StatementPool::new(pool.get_postgres_connection_pool().clone()));
        Self { pool, statements }
    }

    /// sqlx's pool, for the migrations.
    pub(in crate::store) fn pool(&self) -> &DatabaseConnection {
        &self.pool
    }

    /// Begins a transaction that will write; on SQLite it takes the write lock at once.
    ///
    /// A task awaits it, and rolls it back if the request is canceled: otherwise the transaction stays
    /// open on its connection, and later writes are never committed (transact-rs/sqlx, issue 4393).
    pub(in crate::store) async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let database = self.clone();
        let begun = tokio::spawn(async move {
            let _waiting = database.statements.as_deref().map(StatementPool::wait);
            let begun = timeout(LOST, database.begin_when_up()).await;
            begun.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))
        });
        match begun.await.map_err(JoinError::try_into_panic) {
            Ok(begun) => begun,
            Err(Ok(panic)) => resume_unwind(panic),
            // The runtime is shutting down.
            Err(Err(_)) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
        }
    }

    /// Begins a transaction, and waits for a restart of PostgreSQL.
    async fn begin_when_up(&self) -> Result<DatabaseTransaction, DbErr> {
        let restart = Restart::new();
        loop {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            match self.pool.begin_with_options(options).await {
                Err(error) if self.should_retry(&restart, &error).await => {}
                result => return result,
            }
        }
    }

    async fn should_retry(&self, restart: &Restart, error: &DbErr) -> bool {
        match driver_error(error) {
            Some(cause) if self.statements.is_some() => restart.should_retry(cause).await,
            _ => false,
        }
    }

    /// Returns rows one by one.
    pub(in crate::store) async fn stream(
        &self,
        statement: Statement,
    ) -> Result<<DatabaseConnection as sea_orm::StreamTrait>::Stream<'_>, DbErr> {
        let _waiting = self.statements.as_deref().map(StatementPool::wait);
        let restart = Restart::new();
        loop {
            match self.pool.stream_raw(statement.clone()).await {
                Err(error) if self.should_retry(&restart, &error).await => {}
                result => return result,
            }
        }
    }

    /// Closes the connections when they are no longer used.
    pub(in crate::store) async fn close(self) -> Result<(), DbErr> {
        if let Some(statements) = &self.statements {
            statements.close();
        }
        self.pool.close().await
    }
}

#[async_trait]
impl ConnectionTrait for Database {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.statements {
            Some(statements) => statements.execute(statement).await,
            None => self.pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let _waiting = self.statements.as_deref().map(StatementPool::wait);
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let Some(statements) = &self.statements else {
            return self.pool.query_one_raw(statement).await;
        };
        let again = repeatable(&statement);
        match (statements.one(statement).await, again) {
            (Err(error), Some(again)) if has_lost_connection(&error) => statements.one(again).await,
            (result, _) => result,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(statements) = &self.statements else {
            return self.pool.query_all_raw(statement).await;
        };
        let again = repeatable(&statement);
        match (statements.all(statement).await, again) {
            (Err(error), Some(again)) if has_lost_connection(&error) => statements.all(again).await,
            (result, _) => result,
        }
    }
}
