//! A server in the process of the tests, with a clock that only the tests move.

use std::sync::Arc;
use std::thread::JoinHandle;

use clap::{Args as _, Command};
use crick_api::api::{self, Api};
use crick_api::config::{Config, Settings};
use crick_api::http::{self, RateLimits};
use crick_api::server::{self, Limits, Listener};
use crick_api::store::{Clock, Store};
use jiff::Timestamp;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Database;

/// A running server. It stops when it is dropped.
pub(crate) struct LocalServer {
    /// Where it listens, as `address:port`.
    pub(crate) address: String,
    /// Its clock.
    pub(crate) clock: Clock,
    stopping: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl LocalServer {
    /// Starts a server on `database`, with unlimited rates.
    pub(crate) fn start(database: &Database) -> Self {
        let flags = Settings::augment_args(Command::new("test")).get_matches_from([
            "test",
            "--dsn",
            &database.dsn,
            "--listen=127.0.0.1:0",
            "--rate-limit-token=0",
            "--rate-limit-address=0",
        ]);
        let config = Config::load(&flags, None).expect("settings");
        let clock = Clock::manual(Timestamp::now());
        let stopping = CancellationToken::new();
        let (address, listening) = oneshot::channel();
        let thread = std::thread::spawn({
            let (clock, stopping) = (clock.clone(), stopping.clone());
            move || {
                let runtime = tokio::runtime::Runtime::new().expect("a runtime");
                runtime.block_on(serve(&config, clock, stopping, address));
            }
        });
        Self {
            address: listening.blocking_recv().expect("the server listens"),
            clock,
            stopping,
            thread: Some(thread),
        }
    }
}

async fn serve(
    config: &Config,
    clock: Clock,
    stopping: CancellationToken,
    address: oneshot::Sender<String>,
) {
    let connections = config.settings.database_connections.get();
    let store = Store::connect_with(&config.dsn, connections, clock)
        .await
        .expect("the database is reachable");
    store
        .prepare(&config.dsn, false)
        .await
        .expect("the database has the current schema");
    let limits = Arc::new(RateLimits::new(&config.settings));
    let api = Api::new(store.clone(), config, limits, stopping.clone());
    let router = http::around(api::router(api));
    let listener = Listener::open(&config.settings.listen).expect("a free port");
    address
        .send(listener.address())
        .expect("the test waits for the address");
    let halt = CancellationToken::new();
    let limits = Limits::from(&config.settings);
    server::run(vec![listener], router, limits, stopping, halt).await;
    store.close().await;
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        self.stopping.cancel();
        if let Some(thread) = self.thread.take() {
            // A failure of the server has already failed the test that used it.
            drop(thread.join());
        }
    }
}
