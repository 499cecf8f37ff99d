//! The migrator: up, down, status, fresh, and several processes at the same time.

use std::process::Stdio;

use crate::support::{Api, Crick, Engine, Server, frames, on_both_engines};

on_both_engines![
    several_migrators_at_once_all_succeed,
    down_and_up_again_creates_a_working_schema,
    up_is_quick_when_there_is_nothing_to_do,
    fresh_needs_confirmation,
    undoing_several_steps_needs_confirmation,
    undoing_nothing_needs_no_confirmation,
    undoing_scopes_extends_no_rights,
    status_names_every_step,
];

fn several_migrators_at_once_all_succeed(engine: Engine) {
    let database = engine.empty();
    // Enough that some read the tables just when another one has created the first of them.
    let migrators: Vec<_> = (0..24)
        .map(|_| {
            let mut command = database.migrate_command();
            command
                .arg("up")
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            command.spawn().expect("the migrator starts")
        })
        .collect();
    for migrator in migrators {
        let output = migrator.wait_with_output().expect("the migrator ends");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
    }
    database.add_user("alice");
}

fn down_and_up_again_creates_a_working_schema(engine: Engine) {
    let crick = Crick::start(engine);
    crick.device("laptop").push(&frames(10));
    let Crick { server, database } = crick;
    server.kill();
    database.migrate(&["down", "99", "--yes"]).succeeded();
    let tables = if engine.is_embedded() {
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    } else {
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    };
    assert_eq!(
        database.number(tables),
        1,
        "only the list of applied steps is left"
    );
    database.migrate(&["up"]).succeeded();
    database.add_user("alice");
    let server = Server::start(&database, &[]);
    let token = database.create_token("alice", "laptop");
    let laptop = Api::new(&server.address, Some(&token));
    laptop.push(&frames(10));
    assert_eq!(laptop.pull_everything().len(), 10);
}

fn up_is_quick_when_there_is_nothing_to_do(engine: Engine) {
    let database = engine.migrated();
    let ran = database.migrate(&["up"]).succeeded();
    assert!(ran.stdout.contains("nothing to apply"), "{ran:?}");
}

/// Without scopes every token may sync.
fn undoing_scopes_extends_no_rights(engine: Engine) {
    let database = engine.migrated();
    database.add_user("alice");
    let reader = [
        "token", "create", "alice", "--device", "reader", "--scopes", "read",
    ];
    database.crick(&reader).succeeded();
    database.create_token("alice", "laptop");
    let steps = database
        .number("SELECT count(*) FROM seaql_migrations WHERE version >= 'm20261125_000004'");
    database
        .migrate(&["down", &steps.to_string(), "--yes"])
        .succeeded();
    let valid = "SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL";
    assert_eq!(database.number(valid), 1, "the laptop's");
    database.migrate(&["up"]).succeeded();
    assert_eq!(database.number(valid), 1);
}

fn fresh_needs_confirmation(engine: Engine) {
    let database = engine.migrated();
    database.add_user("alice");
    let ran = database.migrate(&["fresh"]).failed();
    assert!(ran.stderr.contains("--yes"), "{ran:?}");
    assert_eq!(
        database.crick(&["user", "list"]).succeeded().stdout,
        "alice\n"
    );
    database.migrate(&["fresh", "--yes"]).succeeded();
    assert_eq!(database.crick(&["user", "list"]).succeeded().stdout, "");
}

fn undoing_several_steps_needs_confirmation(engine: Engine) {
    let database = engine.migrated();
    database.add_user("alice");
    for steps in ["2", "100"] {
        let ran = database.migrate(&["down", steps]).failed();
        for words in ["--yes", "loses the data", "refused_frames"] {
            assert!(ran.stderr.contains(words), "no {words}: {ran:?}");
        }
        let users = database.crick(&["user", "list"]).succeeded().stdout;
        assert_eq!(users, "alice\n");
    }
    // An operator undoes the newest step to return to the previous version.
    database.migrate(&["down"]).succeeded();
    database.migrate(&["down", "100", "--yes"]).succeeded();
    let status = database.migrate(&["status"]).succeeded().stdout;
    assert!(!status.contains("applied"), "{status}");
}

fn undoing_nothing_needs_no_confirmation(engine: Engine) {
    let database = engine.empty();
    let ran = database.migrate(&["down", "100"]).succeeded();
    assert_eq!(ran.stdout, "nothing more to undo\n");
}

fn status_names_every_step(engine: Engine) {
    let database = engine.empty();
    let count = |word: &str| {
        let status = database.migrate(&["status"]).succeeded().stdout;
        status.lines().filter(|line| line.starts_with(word)).count()
    };
    let steps = count("missing");
    assert!(steps > 0);
    assert_eq!(count("applied"), 0);
    database.migrate(&["up"]).succeeded();
    assert_eq!((count("applied"), count("missing")), (steps, 0));
    database.migrate(&["down"]).succeeded();
    assert_eq!((count("applied"), count("missing")), (steps - 1, 1));
}
