//! A killed server has stored each push completely or not at all.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Crick, Engine, frames, missing, on_both_engines};

on_both_engines![a_server_killed_during_a_push_stores_all_of_it_or_nothing];

const FRAMES: usize = 10_000;
const MOMENTS: u32 = 5;

fn a_server_killed_during_a_push_stores_all_of_it_or_nothing(engine: Engine) {
    let mut crick = Crick::start(engine);
    let first = crick.device("first");
    let began = Instant::now();
    first.push(&frames(FRAMES));
    let whole = began.elapsed();

    let mut outcomes = Vec::new();
    for moment in 1..=MOMENTS {
        // A user per push, so that a pull contains only this push.
        let login = format!("user{moment}");
        crick.database.add_user(&login);
        let laptop = crick.device_of(&login, "laptop");
        let (answered, restarted) = push_and_kill(crick, laptop.token(), whole * moment / MOMENTS);
        crick = restarted;
        let stored = laptop.at(&crick.server.address).pull_everything().len();
        outcomes.push((moment, answered, stored));
    }

    for (moment, answered, stored) in &outcomes {
        assert!(
            [0, FRAMES].contains(stored),
            "killed at {moment}/{MOMENTS}: {outcomes:?}"
        );
        assert!(
            !answered || *stored == FRAMES,
            "answered 201 and lost: {outcomes:?}"
        );
    }
    let kept = first.at(&crick.server.address).pull_everything().len();
    assert_eq!(kept, FRAMES, "what was stored before stays");
}

/// Whether the push got a response, and the server after the crash.
fn push_and_kill(crick: Crick, token: &str, after: Duration) -> (bool, Crick) {
    let body = Value::from(frames(FRAMES)).to_string();
    let mut connection = crick.server.connect();
    connection.send_push_head(token, body.len());
    connection.send(&body);
    let crick = crick.crash_and_restart(|server| {
        // Kills at a certain moment, because there is no event to wait for.
        std::thread::sleep(after);
        server.kill();
    });
    let answered = connection.reply().is_some_and(|reply| reply.status == 201);
    (answered, crick)
}

/// POSIX locks belong to a process and a file. If the server closed the file once besides SQLite,
/// it would lose SQLite's locks, and the next program that opens the database would delete the log.
#[test]
fn another_program_that_reads_the_sqlite_file_causes_no_data_loss() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    for round in 1..=3 {
        laptop.push(&frames(1));
        let Some(seen) = count_from_outside(&crick.database.path("crick.db")) else {
            return missing("python3", "the outside look at SQLite's file", "no python3");
        };
        assert_eq!(seen, round, "frames that another program sees");
    }
    let crick = crick.crash_and_restart(crate::support::Server::kill);
    let kept = laptop.at(&crick.server.address).pull_everything().len();
    assert_eq!(kept, 3);
}

/// Counts the frames with another program that opens and closes the file.
fn count_from_outside(file: &Path) -> Option<usize> {
    const LOOK: &str = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); \
                        print(db.execute('SELECT count(*) FROM frames').fetchone()[0]); db.close()";
    let looked = Command::new("python3")
        .arg("-c")
        .arg(LOOK)
        .arg(file)
        .output();
    let printed = String::from_utf8(looked.ok()?.stdout).expect("a number");
    Some(printed.trim().parse().expect("a number"))
}
