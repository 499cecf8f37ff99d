//! No password and no token ever appears in an output or a log.

use std::process::Command;

use crate::support::{
    Api, Crick, Database, Device, Engine, Server, migrate_command, on_both_engines, run,
    server_command,
};

on_both_engines![
    a_token_appears_in_no_log_at_any_level,
    a_token_is_not_stored_in_plain_text,
];

const PASSWORD: &str = "Tr0ub4dor";

/// The address with a password, in each notation.
fn with_password(database: &Database) -> Vec<String> {
    let (_, rest) = database
        .dsn
        .split_once("://crick@localhost/")
        .expect("the fixture's address");
    let (name, socket) = rest.split_once("?host=").expect("the fixture's address");
    vec![
        format!("postgresql://crick:{PASSWORD}@localhost/{name}?host={socket}"),
        format!("postgresql://crick@localhost/{name}?host={socket}&password={PASSWORD}"),
        format!("host={socket} dbname={name} user=crick password={PASSWORD}"),
    ]
}

#[test]
fn a_password_appears_in_no_output_and_no_log() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    let mut database = engine.migrated();
    for dsn in with_password(&database) {
        database.dsn = dsn;
        let user = format!("user{}", database.dsn.len());
        let mut seen = String::new();
        for arguments in [
            vec!["check-config"],
            vec!["user", "add", &user],
            vec!["user", "list"],
            vec!["export", &user],
            vec!["backup", "/nonexistent/backup.db"],
        ] {
            let arguments = [&["--log", "debug"], arguments.as_slice()].concat();
            seen += &database.crick(&arguments).output();
        }
        for arguments in [["status"], ["up"]] {
            seen += &database.migrate(&arguments).succeeded().output();
        }
        let token = database.create_token(&user, "laptop");
        let server = Server::start(&database, &["--log", "debug", "--drain-grace", "0"]);
        let api = Api::new(&server.address, Some(&token));
        Device::new(api.clone()).sync();
        seen += &String::from_utf8_lossy(&api.get("/readyz").body);
        let (log, printed) = (server.log.clone(), server.printed.clone());
        assert_eq!(server.stop().code(), Some(0));
        seen += &log.text();
        seen += &printed.text();
        assert!(!seen.contains(PASSWORD), "{seen}");
    }
}

#[test]
fn a_password_does_not_appear_when_the_database_is_unreachable() {
    let (user, server) = ("crick", "127.0.0.1:1");
    let addresses = [
        format!("postgresql://{user}:{PASSWORD}@{server}/db"),
        format!("postgresql://{user}@{server}/db?password={PASSWORD}"),
        format!("postgresql://{user}:{PASSWORD}@{server}:x/db"),
        format!("host=127.0.0.1 port=1 user={user} password={PASSWORD} dbname=db"),
        format!("host=127.0.0.1 user={user} password={PASSWORD} nonsense"),
        format!("mysql://{user}:{PASSWORD}@{server}/db"),
        PASSWORD.to_owned(),
    ];
    let assert_silent = |mut command: Command, dsn: &str| {
        let ran = run(command.env("CRICK_DSN", dsn)).failed();
        assert!(!ran.output().contains(PASSWORD), "{dsn}: {ran:?}");
    };
    // Concurrently, because each waits for a database that may be starting.
    std::thread::scope(|scope| {
        for dsn in &addresses {
            for arguments in [["user", "list"], ["--listen", "127.0.0.1:0"]] {
                let mut command = server_command();
                command.args(["--log", "debug"]).args(arguments);
                scope.spawn(move || assert_silent(command, dsn));
            }
            let mut command = migrate_command();
            command.arg("up");
            scope.spawn(move || assert_silent(command, dsn));
        }
    });
}

#[test]
fn a_password_on_the_command_line_is_refused_without_being_repeated() {
    for dsn in [
        format!("postgresql://crick:{PASSWORD}@localhost/crick"),
        format!("postgresql://crick@localhost/crick?password={PASSWORD}"),
    ] {
        let mut server = server_command();
        let ran = run(server.args(["check-config", "--dsn", &dsn])).failed();
        assert!(!ran.output().contains(PASSWORD), "{ran:?}");
        let mut migrate = migrate_command();
        let ran = run(migrate.args(["status", "--dsn", &dsn])).failed();
        assert!(!ran.output().contains(PASSWORD), "{ran:?}");
    }
}

fn a_token_appears_in_no_log_at_any_level(engine: Engine) {
    let mut crick = Crick::start_with(engine, &["--log", "debug", "--drain-grace", "0"]);
    let ran = crick.database.crick(&[
        "--log", "debug", "token", "create", "alice", "--device", "laptop",
    ]);
    let ran = ran.succeeded();
    let token = ran.stdout.trim();
    assert!(!ran.stderr.contains(token), "{}", ran.stderr);
    Device::new(crick.with_token(token)).sync();
    // Tokens in wrong places.
    let stranger = crick.stranger();
    stranger
        .get(&format!("/watson/projects?token={token}"))
        .problem(401);
    stranger.request(
        "GET",
        "/watson/projects",
        &[("Authorization", &format!("Bearer {token}"))],
    );
    let list = crick
        .database
        .crick(&["--log", "debug", "token", "list", "alice"])
        .succeeded();
    assert!(!list.output().contains(token), "{list:?}");
    crick.server.terminate();
    crick.server.wait();
    let log = crick.server.log.text();
    assert!(log.contains("/watson/"), "requests are logged: {log}");
    assert!(!log.contains(token), "{log}");
    assert!(
        !log.contains(&token[token.len() / 2..]),
        "not even half of it: {log}"
    );
}

fn a_token_is_not_stored_in_plain_text(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    Device::new(laptop.clone()).sync();
    let token = laptop.token();
    if engine.is_embedded() {
        assert!(
            crick.database.file_contains("laptop"),
            "the search finds what is there"
        );
        assert!(!crick.database.file_contains(token));
    } else {
        let rows = |text: &str| {
            let sql = format!("SELECT count(*) FROM api_tokens t WHERE t::text LIKE '%{text}%'");
            crick.database.number(&sql)
        };
        let hexadecimal: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(rows("laptop"), 1, "the search finds what is there");
        assert_eq!((rows(token), rows(&hexadecimal)), (0, 0));
    }
}
