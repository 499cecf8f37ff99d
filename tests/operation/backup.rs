//! `backup`: a copy of a SQLite database in use.

use crate::support::{Api, Crick, Engine, Server, frames, on_both_engines};

on_both_engines![a_backup_of_a_sqlite_database_in_use_is_complete];

fn a_backup_of_a_sqlite_database_in_use_is_complete(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&frames(100));
    let file = crick.database.path("backup.db");
    let backup = ["backup", file.to_str().expect("a UTF-8 path")];
    if !engine.is_embedded() {
        let ran = crick.database.crick(&backup).failed();
        assert!(
            ran.stderr.contains("pg_dump"),
            "it says what to use instead: {ran:?}"
        );
        return;
    }
    crick.database.crick(&backup).succeeded();
    laptop.push(&frames(1));
    crick.database.crick(&backup).failed();

    let mut copy = engine.empty();
    copy.dsn = format!("sqlite:{}", file.display());
    let server = Server::start(&copy, &[]);
    let api = Api::new(&server.address, Some(laptop.token()));
    assert_eq!(
        api.pull_everything().len(),
        100,
        "as of the backup, tokens included"
    );
}
