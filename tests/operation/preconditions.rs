//! Unsuitable databases: the message contains the remedy, in the migrator, when the server starts,
//! and while it runs.

use crate::support::{Crick, Database, Engine, Server, frame, on_both_engines, run, somebody_else};

on_both_engines![
    the_tables_of_another_program_stay_unchanged,
    migrations_of_another_program_stay_unchanged,
    a_failed_step_is_explained_in_plain_words,
];

/// PostgreSQL, if it is installed.
fn postgres() -> Option<Engine> {
    Engine::postgres()
}

/// A database that is created with these options. It is not dropped, because PostgreSQL would wait
/// for the sessions of all other tests.
fn created(engine: Engine, words: &str) -> Database {
    let other = engine.empty();
    let name = other.name();
    other.execute_elsewhere(&format!("CREATE DATABASE {name}_created {words}"));
    let (of_other, of_this) = (format!("/{name}?"), format!("/{name}_created?"));
    Database::at(&other.dsn.replace(&of_other, &of_this))
}

/// Both programs fail with these words.
#[track_caller]
fn assert_refused(database: &Database, words: &[&str]) {
    let migrated = database.migrate(&["up"]).failed();
    let mut serve = database.server_command();
    serve.args(["--listen", "127.0.0.1:0"]);
    let served = crate::support::run(&mut serve).failed();
    serve.args(["--migrate-on-start", "true"]);
    let migrated_at_start = crate::support::run(&mut serve).failed();
    for ran in [migrated, served, migrated_at_start] {
        assert_eq!(ran.code, Some(1), "{ran:?}");
        for word in words {
            assert!(ran.stderr.contains(word), "no {word}: {ran:?}");
        }
    }
}

#[test]
fn a_database_that_is_not_utf8_is_refused() {
    let Some(engine) = postgres() else { return };
    for encoding in ["LATIN1", "SQL_ASCII", "EUC_JP"] {
        let words = format!("ENCODING '{encoding}' TEMPLATE template0 LOCALE 'C'");
        let database = created(engine, &words);
        assert_refused(&database, &[encoding, "needs UTF8", "CREATE DATABASE"]);
        let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(database.number(tables), 0, "nothing was created");
    }
}

/// Each of these settings of the database broke something once.
const SETTINGS: [(&str, &str); 8] = [
    ("standard_conforming_strings", "off"),
    ("transform_null_equals", "on"),
    ("default_transaction_isolation", "serializable"),
    ("default_transaction_read_only", "on"),
    ("exit_on_error", "on"),
    ("lock_timeout", "1"),
    ("idle_in_transaction_session_timeout", "1"),
    // Long enough to connect on a busy machine.
    ("idle_session_timeout", "100"),
];

#[test]
fn settings_of_the_database_and_the_role_change_nothing() {
    let Some(engine) = postgres() else { return };
    let database = engine.empty();
    for (name, value) in SETTINGS {
        let sql = format!("ALTER DATABASE {} SET {name} = '{value}'", database.name());
        database.execute_elsewhere(&sql);
    }
    database.migrate(&["up"]).succeeded();
    database.add_user("alice");
    let server = Server::start(&database, &[]);
    let crick = Crick { server, database };
    let alice = crick.person("alice");
    let mut frames: Vec<_> = (0..300).map(|_| frame()).collect();
    frames[0]["project"] = "back\\slash \\x41 'quoted'".into();
    frames[0]["tags"] = serde_json::json!(["\\000", "'", "\\"]);
    alice.push(&frames);
    let pulled = alice.pull_everything();
    assert_eq!(pulled.len(), 300);
    let mut strange = pulled.iter().filter(|it| it["project"] != "apollo");
    let strange = strange.next().expect("the strange frame");
    assert_eq!(strange["project"], frames[0]["project"]);
    assert_eq!(strange["tags"], frames[0]["tags"]);
    let projects = alice.get("/watson/projects").ok(200);
    assert_eq!(projects["projects"].as_array().map(Vec::len), Some(2));
    // A unique violation must not end the connection.
    let id = projects["projects"][0]["id"].as_str().expect("an id");
    let other = projects["projects"][1]["name"].clone();
    let rename = serde_json::json!({ "name": other });
    alice
        .send("PATCH", &format!("/projects/{id}"), &rename)
        .problem(409);
    // Concurrent pushes of one user wait for each other.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..5).for_each(|_| alice.push(&[frame()])));
        }
    });
    assert_eq!(alice.pull_everything().len(), 340);
    std::thread::sleep(std::time::Duration::from_millis(500));
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                AND application_name = 'crick-api' AND pid <> pg_backend_pid()";
    assert!(crick.database.number(idle) > 0, "the connections are kept");
    assert_eq!(crick.stranger().get("/readyz").status, 200);
}

#[test]
fn a_setting_that_cannot_be_overridden_is_refused() {
    let Some(engine) = postgres() else { return };
    let database = engine.empty();
    let name = database.name();
    let sql = format!("ALTER DATABASE {name} SET session_replication_role = replica");
    database.execute_elsewhere(&sql);
    assert_refused(
        &database,
        &["session_replication_role is replica", "origin"],
    );
    let sql = format!("ALTER DATABASE {name} RESET session_replication_role");
    database.execute_elsewhere(&sql);
    let sql = format!("ALTER DATABASE {name} SET search_path = nowhere");
    database.execute_elsewhere(&sql);
    assert_refused(&database, &["search_path"]);
}

#[test]
fn readiness_reports_the_problem_of_the_database() {
    let Some(engine) = postgres() else { return };
    let crick = Crick::start_with(engine, &["--database-connections", "1"]);
    let ready = || crick.stranger().get("/readyz");
    assert_eq!(ready().status, 200);
    let name = crick.database.name();
    let sql = format!("ALTER DATABASE {name} SET session_replication_role = replica");
    crick.database.execute_elsewhere(&sql);
    crick.database.execute_elsewhere(&format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    ));
    let detail = (0..100).find_map(|_| {
        let reply = ready();
        let detail = (reply.status == 503).then(|| reply.problem(503))?;
        detail
            .contains("session_replication_role")
            .then_some(detail)
    });
    let detail = detail.expect("it says so");
    assert!(
        detail.starts_with("database: ") && detail.contains("ALTER ROLE"),
        "{detail}"
    );
}

/// Two tables by which the database of the original Crick is recognized.
const ORIGINAL_CRICK: &str = "
    CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
    CREATE TABLE users (id uuid PRIMARY KEY, login text NOT NULL, auth0_id text UNIQUE);
    CREATE TABLE frames (id uuid PRIMARY KEY, start_at timestamp, synchronized_at timestamp);
    INSERT INTO users VALUES ('5d4fc6c1-7a5e-4f6c-9d0e-3c8d0a4f2b67', 'ada', 'auth0|ada')";

#[test]
fn the_database_of_the_original_crick_is_recognized() {
    let Some(engine) = postgres() else { return };
    let database = engine.empty();
    database.execute(ORIGINAL_CRICK);
    assert_refused(
        &database,
        &["the original Crick", "import", "another database"],
    );
    assert_eq!(database.number("SELECT count(*) FROM users"), 1);
    // A separate schema in the same database works.
    let name = database.name();
    let sql = format!("ALTER DATABASE {name} SET search_path = crick_api");
    database.execute("CREATE SCHEMA crick_api");
    database.execute_elsewhere(&sql);
    database.migrate(&["up"]).succeeded();
    database.add_user("alice");
}

fn the_tables_of_another_program_stay_unchanged(engine: Engine) {
    // The second one is a table of a later step.
    for table in ["projects", "teams"] {
        let database = engine.empty();
        database.execute(&format!("CREATE TABLE {table} (name text)"));
        database.execute(&format!("INSERT INTO {table} VALUES ('x')"));
        let holds = format!("a table `{table}` of another program");
        let advice = match engine.is_embedded() {
            true => "name another file",
            false => "search_path",
        };
        assert_refused(&database, &[&holds, advice]);
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(database.number(&count), 1);
        let status = database.migrate(&["status"]).succeeded().stdout;
        assert!(!status.contains("applied"), "{status}");
    }
}

fn a_failed_step_is_explained_in_plain_words(engine: Engine) {
    let database = engine.empty();
    database.execute("CREATE TABLE notes (name text)");
    database.execute("CREATE INDEX teams_owner_name ON notes (name)");
    let ran = database.migrate(&["up"]).failed();
    for words in ["m20261125_000006_teams", "teams_owner_name", "already"] {
        assert!(ran.stderr.contains(words), "no {words}: {ran:?}");
    }
    assert_no_library(&ran.stderr);
}

#[track_caller]
fn assert_no_library(text: &str) {
    for words in [" Error:", "error returned from", "(code:", " at line "] {
        assert!(!text.contains(words), "{words}: {text}");
    }
}

#[test]
fn a_file_that_is_not_a_database_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("text");
    std::fs::write(&text, "This is a letter, and no database at all.").expect("a file");
    let nowhere = folder.path().join("nowhere/crick.db");
    for (path, reason) in [
        (folder.path().to_owned(), "is a folder"),
        (text, "not a database"),
        (nowhere, "cannot create the file"),
    ] {
        let database = Database::at(&format!("sqlite:{}", path.display()));
        assert_refused(&database, &[reason, &path.display().to_string()]);
        let ran = database.migrate(&["up"]).failed();
        assert_no_library(&ran.stderr);
    }
}

#[test]
fn a_read_only_file_is_refused_at_the_start() {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;
    let database = Engine::sqlite().migrated();
    let file = database.path("crick.db");
    let folder = file.parent().expect("a folder");
    let read_only = std::fs::Permissions::from_mode(0o444);
    std::fs::set_permissions(&file, read_only).expect("a mode");
    let mut serve = database.server_command();
    serve.args(["--listen", "127.0.0.1:0"]);
    // Root may write in spite of the mode.
    if let Some((uid, gid)) = somebody_else() {
        let files = std::fs::read_dir(folder).expect("a folder");
        let files = files.map(|file| file.expect("a file").path());
        for path in files.chain([folder.to_owned()]) {
            chown(path, Some(uid), Some(gid)).expect("another owner");
        }
        serve.uid(uid).gid(gid);
    }
    let ran = run(&mut serve).failed();
    let name = file.display().to_string();
    for words in [&name, "can only be read"] {
        assert!(ran.stderr.contains(words), "no {words}: {ran:?}");
    }
}

#[test]
fn each_command_warns_about_a_database_in_memory() {
    let database = Database::at("sqlite::memory:");
    let (added, migrated) = (
        database.crick(&["user", "add", "ada"]).succeeded(),
        database.migrate(&["up"]).succeeded(),
    );
    for ran in [added, migrated] {
        assert!(ran.stderr.contains("everything is lost"), "{ran:?}");
    }
}

fn migrations_of_another_program_stay_unchanged(engine: Engine) {
    let database = engine.empty();
    database.execute(
        "CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint NOT NULL); \
         INSERT INTO seaql_migrations VALUES ('m20200101_000001_create_posts', 1)",
    );
    assert_refused(
        &database,
        &["a table `seaql_migrations` of another program"],
    );
}
