//! PostgreSQL with two roles: one that migrates, and one that may only read and write rows.

use crate::support::{Api, Database, Device, Engine, Server, frames, run};

#[test]
fn the_server_needs_only_the_right_to_read_and_write_rows() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    let mut database = engine.empty();
    database.execute("CREATE ROLE crick_app LOGIN");
    database
        .migrate(&["up", "--grant-to", "crick_app"])
        .succeeded();
    database.dsn = database.dsn.replace("crick@", "crick_app@");
    assert_eq!(
        database.number("SELECT count(*) FROM pg_roles WHERE rolname = current_user AND rolsuper"),
        0
    );

    database.add_user("alice");
    let server = Server::start(&database, &[]);
    let token = database.create_token("alice", "laptop");
    let laptop = Api::new(&server.address, Some(&token));
    Device::new(laptop.clone()).sync();
    laptop.push(&frames(10));
    assert_eq!(laptop.pull_everything().len(), 10);
    database
        .crick(&["user", "remove", "alice", "--yes"])
        .succeeded();

    database.migrate(&["down"]).failed();
    database.migrate(&["fresh", "--yes"]).failed();
    assert_eq!(
        Api::new(&server.address, None).get("/readyz").status,
        200,
        "nothing is gone"
    );
}

#[test]
fn granting_to_an_unknown_role_fails_with_a_message() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    for (engine, sentence) in [
        (engine, "role \"no_such_role\" does not exist"),
        (
            Engine::sqlite(),
            "only PostgreSQL has roles to grant rights to",
        ),
    ] {
        let grant = ["up", "--grant-to", "no_such_role"];
        let ran = engine.empty().migrate(&grant).failed();
        assert_eq!(ran.stderr, format!("crick-api-migrate: {sentence}\n"));
    }
}

#[test]
fn a_table_without_rights_is_named() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    let mut database = engine.migrated();
    let owner = database.dsn.clone();
    database.execute("CREATE ROLE crick_limited LOGIN");
    database.dsn = owner.replace("crick@", "crick_limited@");
    let refused = |table: &str| {
        for ran in [
            run(database.server_command().args(["--listen", "127.0.0.1:0"])),
            database.migrate(&["up"]),
        ] {
            let ran = ran.failed();
            for words in [table, "--grant-to crick_limited"] {
                assert!(ran.stderr.contains(words), "no {words}: {ran:?}");
            }
        }
    };
    refused("api_tokens");
    let grant =
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO crick_limited";
    Database::at(&owner).execute(grant);
    let server = Server::start(&database, &[]);
    let ready = || Api::new(&server.address, None).get("/readyz");
    assert_eq!(ready().status, 200);
    // As when another role has applied a step that creates a table.
    let revoke = "REVOKE INSERT ON refused_frames FROM crick_limited";
    Database::at(&owner).execute(revoke);
    let detail = ready().problem(503);
    assert!(detail.contains("refused_frames"), "{detail}");
    refused("refused_frames");
    let revoke = "REVOKE USAGE ON SCHEMA public FROM PUBLIC, crick_limited";
    Database::at(&owner).execute(revoke);
    let ran = database.migrate(&["up"]).failed();
    assert!(ran.stderr.contains("GRANT USAGE"), "{ran:?}");
}
