//! Creates a database for each test, on either engine, and runs the programs on it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use migration::Dsn;
use sea_orm::{ConnectionTrait as _, Statement};
use tempfile::TempDir;

use super::postgres::{Cluster, cluster};
use super::programs::{Ran, migrate_command, run, server_command};

/// Declares two tests for each function that takes an [`Engine`]: on SQLite and on PostgreSQL.
macro_rules! on_both_engines {
    ($($promise:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $promise() { super::$promise($crate::support::Engine::sqlite()); })+
        }
        mod postgres {
            $(#[test] fn $promise() {
                if let Some(engine) = $crate::support::Engine::postgres() {
                    super::$promise(engine);
                }
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// The database engine of a test.
#[derive(Clone, Copy)]
pub(crate) enum Engine {
    /// A database in a file.
    Sqlite,
    /// A database in the private cluster.
    Postgres(&'static Cluster),
}

impl Engine {
    /// SQLite, which is always available.
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite
    }

    /// PostgreSQL, if it is installed.
    pub(crate) fn postgres() -> Option<Self> {
        cluster().map(Self::Postgres)
    }

    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Whether the server migrates the database at startup.
    pub(crate) fn is_embedded(self) -> bool {
        matches!(self, Self::Sqlite)
    }

    /// Creates a database without tables.
    pub(crate) fn empty(self) -> Database {
        self.create("template0")
    }

    /// Creates a database with the current schema by copying one that is migrated once per run.
    pub(crate) fn migrated(self) -> Database {
        static SQLITE: OnceLock<Vec<u8>> = OnceLock::new();
        static POSTGRES: OnceLock<String> = OnceLock::new();
        let migrate = || {
            let database = self.empty();
            database.migrate(&["up"]).succeeded();
            if self.is_embedded() {
                // Moves the content of the write-ahead log into the file.
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }
            database
        };
        match self {
            Self::Sqlite => {
                let file = |database: &Database| database.path("crick.db");
                let content = SQLITE
                    .get_or_init(|| fs::read(file(&migrate())).expect("the file of the database"));
                let database = self.empty();
                fs::write(file(&database), content).expect("a copy of the file");
                database
            }
            Self::Postgres(_) => self.create(POSTGRES.get_or_init(|| migrate().name().to_owned())),
        }
    }

    /// Creates a database; on PostgreSQL, from this template.
    fn create(self, template: &str) -> Database {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::Builder::new()
            .prefix("crick-test.")
            .tempdir()
            .expect("a temporary folder");
        let dsn = match self {
            Self::Sqlite => format!("sqlite:{}", folder.path().join("crick.db").display()),
            Self::Postgres(cluster) => {
                let name = format!("test{}", COUNT.fetch_add(1, Ordering::Relaxed));
                let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
                execute(&cluster.dsn("postgres"), &create);
                cluster.dsn(&name)
            }
        };
        Database { dsn, folder }
    }
}

/// The database of one test.
pub(crate) struct Database {
    /// Its DSN.
    pub(crate) dsn: String,
    folder: TempDir,
}

impl Database {
    /// An existing database.
    pub(crate) fn at(dsn: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let dsn = dsn.to_owned();
        Self { dsn, folder }
    }

    /// A path in the folder of the database.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command that runs the server on this database.
    pub(crate) fn server_command(&self) -> Command {
        let mut command = server_command();
        command.env("CRICK_DSN", &self.dsn);
        command
    }

    /// Runs a subcommand of the server program.
    pub(crate) fn crick(&self, arguments: &[&str]) -> Ran {
        run(self.server_command().args(arguments))
    }

    /// A command that runs the migrator on this database.
    pub(crate) fn migrate_command(&self) -> Command {
        let mut command = migrate_command();
        command.env("CRICK_DSN", &self.dsn);
        command
    }

    /// Runs the migrator.
    pub(crate) fn migrate(&self, arguments: &[&str]) -> Ran {
        run(self.migrate_command().args(arguments))
    }

    /// Adds a user.
    #[track_caller]
    pub(crate) fn add_user(&self, login: &str) {
        self.crick(&["user", "add", login]).succeeded();
    }

    /// Creates a token for a device of a user and returns it.
    #[track_caller]
    pub(crate) fn create_token(&self, login: &str, device: &str) -> String {
        self.create_token_with(login, device, &[])
    }

    /// Creates a token with additional flags.
    #[track_caller]
    pub(crate) fn create_token_with(&self, login: &str, device: &str, flags: &[&str]) -> String {
        let create = ["token", "create", login, "--device", device];
        let ran = self.crick(&[&create, flags].concat()).succeeded();
        let token = ran.stdout.trim().to_owned();
        assert!(
            !token.is_empty() && !token.contains(char::is_whitespace),
            "stdout that is no terminal gets the token alone, not {token:?}"
        );
        token
    }

    /// Executes SQL without the server.
    pub(crate) fn execute(&self, sql: &str) {
        execute(&self.dsn, sql);
    }

    /// The name of a PostgreSQL database.
    pub(crate) fn name(&self) -> &str {
        let rest = self.dsn.split_once("localhost/").expect("PostgreSQL").1;
        rest.split('?').next().expect("a name")
    }

    /// Executes SQL in another database of the same PostgreSQL server.
    pub(crate) fn execute_elsewhere(&self, sql: &str) {
        let dsn = self
            .dsn
            .replacen(&format!("/{}?", self.name()), "/postgres?", 1);
        execute(&dsn, sql);
    }

    /// The number that a query returns.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        with_connection(&self.dsn, async |db| {
            db.query_one_raw(Statement::from_string(db.get_database_backend(), sql))
                .await
                .expect("the query works")
                .expect("the query answers a row")
                .try_get_by_index(0)
                .expect("a number")
        })
    }

    /// Whether the files of a SQLite database contain `text`, the write-ahead log included.
    pub(crate) fn file_contains(&self, text: &str) -> bool {
        std::fs::read_dir(self.folder.path())
            .expect("the test's folder")
            .filter_map(Result::ok)
            .map(|entry| std::fs::read(entry.path()).expect("a readable file"))
            .any(|bytes| bytes.windows(text.len()).any(|w| w == text.as_bytes()))
    }
}

fn execute(dsn: &str, sql: &str) {
    with_connection(dsn, async |db| {
        db.execute_unprepared(sql)
            .await
            .expect("the statement works");
    });
}

fn with_connection<T>(dsn: &str, work: impl AsyncFnOnce(&sea_orm::DatabaseConnection) -> T) -> T {
    let dsn = Dsn::parse(dsn).expect("an address");
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async {
            let db = migration::connect(&dsn, 1)
                .await
                .expect("the database is reachable");
            let answer = work(&db).await;
            db.close().await.expect("the connection closes");
            answer
        })
}
