//! A full disk is reported. `tests/system/sqlite.py` tests pushes to a full disk.

use std::process::Command;

use crate::support::{Crick, Engine, run, server_command};

/// Limits files to half a page, which is too small for a commit in the log.
#[test]
fn a_user_who_cannot_be_stored_is_not_reported_as_added() {
    let crick = Crick::start(Engine::sqlite());
    let log = crick.database.path("crick.db-wal");
    let size = log.metadata().expect("the server has it open").len();
    let server = server_command();
    let blocks = (size + 2_048) / 512;
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\""])
        .arg(blocks.to_string())
        .arg(server.get_program())
        .args(["user", "add", "carol"])
        .env("CRICK_DSN", &crick.database.dsn);
    let ran = run(&mut limited).failed();
    assert!(!ran.stdout.contains("added"), "{ran:?}");
    let count = "SELECT count(*) FROM users WHERE login = 'carol'";
    assert_eq!(crick.database.number(count), 0);
    crick.database.add_user("carol");
    assert_eq!(crick.database.number(count), 1);
}
