//! What does not fit is not said to be there. The same of pushes, on a disk that is full, is in `tests/system/sqlite.py`.

use std::process::Command;

use crate::support::{Crick, Engine, run, server_command};

/// No file of the program's may grow by more than half a page, which a log needs for a commit.
#[test]
fn who_cannot_be_stored_is_not_said_to_be_added() {
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
