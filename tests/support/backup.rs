//! Backs up and restores a test's database with the commands that docs/deploy.md recommends.

use std::path::PathBuf;
use std::process::Command;

use super::programs::run;
use super::{Crick, Database, Engine, Server};

/// A backup of a database, deleted with the database's folder.
pub(crate) struct Backup(PathBuf);

impl Database {
    /// Backs up the database while it is in use.
    #[track_caller]
    pub(crate) fn back_up(&self, engine: Engine) -> Backup {
        let file = self.path("backup");
        match engine {
            Engine::Sqlite => {
                let path = file.to_str().expect("a UTF-8 path");
                self.crick(&["backup", path]).succeeded();
            }
            Engine::Postgres(cluster) => {
                let mut dump = Command::new(cluster.program("pg_dump"));
                dump.args(["--format=custom", "--file"]).arg(&file);
                run(dump.arg(&self.dsn)).succeeded();
            }
        }
        Backup(file)
    }

    /// Restores the backup. No server may be using the database.
    #[track_caller]
    fn restore(&self, engine: Engine, Backup(file): &Backup) {
        match engine {
            Engine::Sqlite => {
                for ending in ["", "-wal", "-shm"] {
                    let old = self.path(&format!("crick.db{ending}"));
                    if old.exists() {
                        std::fs::remove_file(old).expect("the file can be removed");
                    }
                }
                std::fs::copy(file, self.path("crick.db")).expect("the backup can be copied");
            }
            Engine::Postgres(cluster) => {
                self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
                let mut restore = Command::new(cluster.program("pg_restore"));
                restore.args(["--exit-on-error", "--dbname", &self.dsn]);
                run(restore.arg(file)).succeeded();
            }
        }
    }
}

impl Crick {
    /// Stops the server, restores a backup, and starts the server at another address.
    #[track_caller]
    pub(crate) fn restore(self, engine: Engine, backup: &Backup) -> Self {
        let Self { server, database } = self;
        server.stop();
        database.restore(engine, backup);
        database.crick(&["restored"]).succeeded();
        Self {
            server: Server::start(&database, &[]),
            database,
        }
    }
}
