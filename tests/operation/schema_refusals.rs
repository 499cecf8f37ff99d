//! A server does not start with an incompatible schema.

use crate::support::{Database, Engine, Ran, Server, on_both_engines, run};

on_both_engines![
    an_unmigrated_database_is_refused_unless_the_server_may_migrate_it,
    a_half_migrated_database_is_refused,
    an_incompatible_newer_schema_is_refused,
    a_compatible_newer_schema_is_served,
];

/// Starts a server that must not start.
#[track_caller]
fn refused(database: &Database, options: &[&str]) -> Ran {
    let mut command = database.server_command();
    let ran = run(command.args(["--listen", "127.0.0.1:0"]).args(options)).failed();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(!ran.output().contains("listening"), "{ran:?}");
    ran
}

#[track_caller]
fn assert_says_to_migrate(ran: &Ran) {
    assert!(ran.stderr.contains("crick-api-migrate up"), "{ran:?}");
}

fn an_unmigrated_database_is_refused_unless_the_server_may_migrate_it(engine: Engine) {
    let database = engine.empty();
    assert_says_to_migrate(&refused(&database, &["--migrate-on-start", "false"]));
    if engine.is_embedded() {
        Server::start(&database, &[]);
    } else {
        assert_says_to_migrate(&refused(&database, &[]));
        Server::start(&database, &["--migrate-on-start", "true"]);
    }
    database.add_user("alice");
}

fn a_half_migrated_database_is_refused(engine: Engine) {
    let database = engine.migrated();
    database.migrate(&["down", "1"]).succeeded();
    assert_says_to_migrate(&refused(&database, &["--migrate-on-start", "false"]));
}

/// Pretends that a later version applied a step with this `oldest_level`.
fn apply_future_step(database: &Database, oldest_level: i32) {
    database.execute(
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000001_future', 0)",
    );
    database.execute(&format!(
        "INSERT INTO schema_compatibility (step, oldest_level) VALUES ('m29990101_000001_future', {oldest_level})"
    ));
}

fn an_incompatible_newer_schema_is_refused(engine: Engine) {
    let database = engine.migrated();
    apply_future_step(&database, 99);
    let ran = refused(&database, &[]);
    assert!(
        ran.stderr.contains("m29990101_000001_future"),
        "it names the step: {ran:?}"
    );
    database.migrate(&["up"]).failed();
    database.migrate(&["down"]).failed();
}

fn a_compatible_newer_schema_is_served(engine: Engine) {
    let database = engine.migrated();
    apply_future_step(&database, 1);
    let server = Server::start(&database, &[]);
    assert_eq!(
        crate::support::Api::new(&server.address, None)
            .get("/readyz")
            .status,
        200
    );
    database.migrate(&["up"]).succeeded();
}
