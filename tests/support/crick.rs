//! A server with a user, ready for a test: most promises begin here.

use super::{Api, Database, Engine, Server};

/// A running server on a database of its own, with a user `alice`.
pub(crate) struct Crick {
    /// The server; first, so that it ends before its database is removed.
    pub(crate) server: Server,
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
        Api::new(&self.server.address, Some(token))
    }

    /// A client without a token.
    pub(crate) fn stranger(&self) -> Api {
        Api::new(&self.server.address, None)
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
