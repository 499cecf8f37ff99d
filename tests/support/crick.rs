//! A running server with a database and a user: the start of most tests.

use super::{Api, Clock, Database, Engine, LocalServer, Server};

/// A running server on its own database, with a user `alice`.
pub(crate) struct Crick<S = Server> {
    /// The server. The first field, so that it stops before the database is deleted.
    pub(crate) server: S,
    pub(crate) database: Database,
}

impl Crick {
    /// Starts a server with the default settings.
    #[track_caller]
    pub(crate) fn start(engine: Engine) -> Self {
        Self::start_with(engine, &[])
    }

    /// Starts a server with additional command-line options.
    #[track_caller]
    pub(crate) fn start_with(engine: Engine, options: &[&str]) -> Self {
        let database = engine.migrated();
        database.add_user("alice");
        let server = Server::start(&database, options);
        Self { server, database }
    }

    /// Stops the server with `crash` and starts another one on the same database.
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
    /// Starts a server in this process whose clock only moves when a test, or a device that
    /// uses [`Crick::clock`], moves it.
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

    /// The clock of the server plus an offset.
    pub(crate) fn clock_ahead(&self, seconds: i64) -> Clock {
        Clock::Server(self.server.clock.clone(), seconds * 1_000_000)
    }
}

/// A running server.
pub(crate) trait Listening {
    /// Where it listens, as `address:port` or `unix:/path`.
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
    /// A client with a new token of alice.
    #[track_caller]
    pub(crate) fn device(&self, name: &str) -> Api {
        self.device_of("alice", name)
    }

    /// A client with a new token of a user.
    #[track_caller]
    pub(crate) fn device_of(&self, login: &str, name: &str) -> Api {
        self.with_token(&self.database.create_token(login, name))
    }

    /// A client with a new shared token of a user.
    #[track_caller]
    pub(crate) fn shared_by_devices_of(&self, login: &str) -> Api {
        let token = (self.database).create_token_with(login, "several", &["--shared"]);
        self.with_token(&token)
    }

    /// A client with a new token of a user that has all scopes. Adds the user unless it is alice.
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

    pub(crate) fn with_token(&self, token: &str) -> Api {
        Api::new(self.server.address(), Some(token))
    }

    pub(crate) fn stranger(&self) -> Api {
        Api::new(self.server.address(), None)
    }
}
