//! SQLite's write-ahead log grows with a large push, and shrinks again.

use crate::support::{Crick, Engine, batch, frames};

#[test]
fn the_log_of_a_large_push_is_truncated() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    let log = crick.database.path("crick.db-wal");
    let size = || log.metadata().expect("the server has it open").len();
    laptop.push(&frames(30_000));
    let large = size();
    assert!(large > 8 << 20, "not so large after all: {large}");
    for number in 0..5 {
        laptop.push(&batch(&format!("project {number}"), 1));
    }
    let small = size();
    assert!(small <= 4 << 20, "{large} bytes became {small}");
}
