//! A server with a user, ready for a test: most promises begin here.

use super::{Api, Clock, Database, Engine, LocalServer, Server};

/// A running server on a database of its own, with a user `alice`.
pub(crate) struct Crick<S = Server> {
    /// The server; first, so that it ends before its database is removed.
    pub(crate) server: S,
    /// Its database.
    pub(crate) database: Database,
}

impl Crick {
    /// A server with the settings a user would have.
    #[track_caller]
    pub(crate) fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[])
    }

    /// A server with further command-line options.
    #[track_caller]
    pub(crate) fn start_with(engine: Engine, options: &[&str]) -> Self {
        let database = engine.migrated();
        database.add_user("alice");
        let server = Server::start(&database, options);
        Self { server, database }
    }

    /// Ends the server as a power cut would, and starts it again on the same database.
    #[track_caller]
    pub(crate) fn crash_and_restart(self, crash: impl FnOnce(Server)) -> Self {
        crash(self.server);
        Self {
            server: Server::start(&self.database, &[]),
            database: self.database,
        }
    }
}

impl Crick<LocalServer> {
    /// A server whose time passes only when a test says so, or a device with [`Crick::clock`] waits.
    pub(crate) fn with_manual_clock(engine: Engine) -> Self {
        let database = engine.migrated();
        database.add_user("alice");
        let server = LocalServer::start(&database);
        Self { server, database }
    }

    /// The clock of the server.
    pub(crate) fn clock(&self) -> Clock {
        self.clock_ahead(0)
    }

    /// A clock that is so many seconds ahead of the server's (or behind).
    pub(crate) fn clock_ahead(&self, seconds: i64) -> Clock {
        Clock::Server(self.server.clock.clone(), seconds * 1_000_000)
    }
}

/// What has an address.
pub(crate) trait Listening {
    /// The address as `address:port` or `unix:/path`.
    fn address(&self) -> &str;
}

impl Listening for Server {
    fn address(&self) -> &str {
        &self.address
    }
}

impl Listening for LocalServer {
    fn address(&self) -> &str {
        &self.address
    }
}

impl<S: Listening> Crick<S> {
    /// A client with a new token for a device of alice.
    #[track_caller]
    pub(crate) fn device(&self, name: &str) -> Api {
        self.device_of("alice", name)
    }

    /// A client with a new token for a device of somebody.
    #[track_caller]
    pub(crate) fn device_of(&self, login: &str, name: &str) -> Api {
        self.with_token(&self.database.create_token(login, name))
    }

    /// A client with a new token that several devices of a user may share.
    #[track_caller]
    pub(crate) fn shared_by_devices_of(&self, login: &str) -> Api {
        let token = (self.database).create_token_with(login, "several", &["--shared"]);
        self.with_token(&token)
    }

    /// A client of somebody, added here unless it is alice, with a new token that allows everything.
    #[track_caller]
    pub(crate) fn person(&self, login: &str) -> Api {
        if login != "alice" {
            self.database.add_user(login);
        }
        let create = ["token", "create", login, "--device", "web"];
        let scopes = ["--scopes", "sync,read,write"];
        let token = self.database.crick(&[&create[..], &scopes].concat());
        self.with_token(token.succeeded().stdout.trim())
    }

    /// A client with a token.
    pub(crate) fn with_token(&self, token: &str) -> Api {
        Api::new(self.server.address(), Some(token))
    }

    /// A client without a token.
    pub(crate) fn stranger(&self) -> Api {
        Api::new(self.server.address(), None)
    }
}
