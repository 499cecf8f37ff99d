//! What breaks around the server. The same on real systemd is in `tests/system/faults.py`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::json;

use crate::support::{
    AUDIENCE, Api, Crick, Engine, Server, TestIssuer, frame, frames, on_both_engines, run,
    server_command,
};

on_both_engines![
    more_clients_than_connections_are_all_answered,
    who_reads_keeps_nobody_from_writing_even_with_one_connection,
    a_request_that_is_given_up_leaves_nothing_to_the_next_one,
    an_address_that_cannot_be_listened_on_is_exit_2,
];

/// PostgreSQL is reached through a link of the test's own, so that it can be taken away from one server alone.
#[test]
fn while_postgresql_is_gone_everything_is_503_and_afterwards_all_is_well() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    let issuer = TestIssuer::start();
    let database = engine.migrated();
    let (head, folder) = database.dsn.split_once("?host=").expect("a folder");
    let socket = Path::new(folder).join(".s.PGSQL.5432");
    let link = database.path(".s.PGSQL.5432");
    symlink(&socket, &link).expect("a link");
    let through_link = format!(
        "{head}?host={}",
        link.parent().expect("its folder").display()
    );
    database.add_user("alice");
    let token = database.create_token("alice", "laptop");
    let url = issuer.url();
    let mut command = database.server_command();
    command.env("CRICK_DSN", through_link);
    command.args(["--listen", "127.0.0.1:0", "--log-format", "json"]);
    command.args(["--oidc-issuer", &url, "--oidc-audience", AUDIENCE]);
    command.args(["--registration", "open"]);
    let server = Server::spawn(&mut command);
    let laptop = Api::new(&server.address, Some(&token));
    let ada = issuer.token(&json!({"nickname": "ada"}));
    let ada = Api::new(&server.address, Some(&ada));
    laptop.push(&frames(2));
    ada.push(&frames(1));

    std::fs::remove_file(&link).expect("the link goes");
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    for who in [&laptop, &ada] {
        for reply in [
            who.get("/watson/projects/"),
            who.get("/watson/frames/"),
            who.try_push(&frames(1)),
            who.get("/users/me"),
            who.get("/frames"),
            who.get("/readyz"),
        ] {
            reply.problem(503);
            assert!(!reply.header("retry-after").is_empty(), "{reply:?}");
        }
    }
    assert_eq!(laptop.get("/livez").status, 200);

    symlink(&socket, &link).expect("a link");
    assert_eq!(laptop.pull_everything().len(), 2, "at the next request");
    assert_eq!(ada.get("/users/me").ok(200)["login"], "ada");
    assert_eq!(ada.pull_everything().len(), 1);
}

fn more_clients_than_connections_are_all_answered(engine: Engine) {
    let crick = Crick::start_with(engine, &["--database-connections", "2"]);
    let laptop = crick.device("laptop");
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                laptop.push(&frames(2));
                laptop.get("/watson/frames").frames();
                laptop.get("/frames").ok(200);
            });
        }
    });
    assert_eq!(laptop.pull_everything().len(), 128);
}

/// What is kept for the next statement must be had for a transaction, which a server answers 503 for want of otherwise.
fn who_reads_keeps_nobody_from_writing_even_with_one_connection(engine: Engine) {
    let one = ["--database-connections", "1"];
    let unlimited = ["--rate-limit-token", "0", "--rate-limit-address", "0"];
    let crick = Crick::start_with(engine, &[one.as_slice(), &unlimited].concat());
    let laptop = crick.device("laptop");
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    laptop.get("/watson/projects").ok(200);
                }
            });
        }
        for _ in 0..50 {
            laptop.push(&frames(2));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_eq!(laptop.pull_everything().len(), 100);
}

/// The connection to the database whose statement was broken off is not the next one's with an answer still on the way.
fn a_request_that_is_given_up_leaves_nothing_to_the_next_one(engine: Engine) {
    let crick = Crick::start_with(engine, &["--database-connections", "1"]);
    let laptop = crick.device("laptop");
    laptop.push(&frames(3_000));
    let token = crick.database.create_token("alice", "phone");
    crick.database.add_user("bob");
    let bob = crick.database.create_token("bob", "laptop");
    let bob = Api::new(&crick.server.address, Some(&bob));
    for pause in 0..40 {
        let mut connection = TcpStream::connect(&crick.server.address).expect("a connection");
        let request = format!(
            "GET /watson/frames?last_sync=1970-01-01T00:00:00Z HTTP/1.1\r\nHost: crick\r\n\
             Authorization: Token {token}\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).expect("sent");
        std::thread::sleep(Duration::from_micros(250 * pause));
        drop(connection);
        assert_eq!(bob.get("/users/me").ok(200)["login"], "bob");
        assert_eq!(bob.get("/watson/projects").ok(200)["projects"], json!([]));
    }
    assert_eq!(laptop.pull_everything().len(), 3_000);
}

/// Else what comes after is written into that transaction, answered, and never committed.
#[test]
fn a_transaction_that_is_given_up_while_it_begins_takes_nothing_along() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    let database = engine.migrated();
    let (head, folder) = database.dsn.split_once("?host=").expect("a folder");
    let slow = database.path(".s.PGSQL.5432");
    let (begun, go_on) = slow_to_begin(&slow, &Path::new(folder).join(".s.PGSQL.5432"));
    database.add_user("alice");
    let scopes = ["--scopes", "sync,read,write"];
    let phone = database.create_token_with("alice", "phone", &scopes);
    let full = [
        "token",
        "create",
        "alice",
        "--device",
        "laptop",
        "--scopes",
        "sync,read,write",
    ];
    let laptop = database.crick(&full).succeeded().stdout;
    let mut command = database.server_command();
    let folder = slow.parent().expect("its folder").display();
    command.env("CRICK_DSN", format!("{head}?host={folder}"));
    command.args(["--listen", "127.0.0.1:0", "--log-format", "json"]);
    command.args(["--database-connections", "1"]);
    let server = Server::spawn(&mut command);

    let mut connection = TcpStream::connect(&server.address).expect("a connection");
    let (id, mut frame) = (uuid::Uuid::new_v4(), frame());
    frame["id"] = id.to_string().into();
    let body = frame.to_string();
    let request = format!(
        "PUT /frames/{id} HTTP/1.1\r\nHost: crick\r\nAuthorization: Token {phone}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).expect("sent");
    begun.recv().expect("a transaction");
    drop(connection);
    // Until the server has seen it.
    std::thread::sleep(Duration::from_millis(300));
    go_on.send(()).expect("sent");

    let laptop = Api::new(&server.address, Some(laptop.trim()));
    let devices = laptop.get("/users/me/tokens").ok(200);
    let devices = devices["tokens"].as_array().expect("devices");
    let device = devices.iter().find(|it| it["name"] == "phone");
    let id = device.expect("the phone")["id"].as_str().expect("an id");
    let revoked = laptop.delete(&format!("/users/me/tokens/{id}"));
    assert_eq!(revoked.status, 204, "{revoked:?}");
    let count = "SELECT count(*) FROM api_tokens WHERE revoked_at IS NOT NULL";
    assert_eq!(database.number(count), 1);
    assert_eq!(database.number("SELECT count(*) FROM frames"), 0);
}

/// PostgreSQL by another way, on which the answer to the first BEGIN comes when it may. The first tells that it was asked.
fn slow_to_begin(path: &Path, postgres: &Path) -> (Receiver<()>, Sender<()>) {
    let listener = UnixListener::bind(path).expect("a socket");
    let postgres = postgres.to_owned();
    let (asked, begun) = channel();
    let (go_on, may) = channel();
    std::thread::spawn(move || {
        let mut may = Some(may);
        for client in listener.incoming() {
            let mut client = client.expect("a client");
            let mut server = UnixStream::connect(&postgres).expect("PostgreSQL");
            let mut questions = client.try_clone().expect("a socket");
            let mut asking = server.try_clone().expect("a socket");
            let (told, tells) = channel();
            std::thread::spawn(move || {
                let mut bytes = [0; 8192];
                while let Ok(count @ 1..) = questions.read(&mut bytes) {
                    if bytes[..count].windows(6).any(|word| word == b"BEGIN\0") {
                        let _ = told.send(());
                    }
                    asking.write_all(&bytes[..count]).expect("PostgreSQL reads");
                }
            });
            let (asked, may) = (asked.clone(), may.take());
            std::thread::spawn(move || {
                let mut may = may;
                let mut bytes = [0; 8192];
                while let Ok(count @ 1..) = server.read(&mut bytes) {
                    if tells.try_recv().is_ok()
                        && let Some(may) = may.take()
                    {
                        let _ = asked.send(());
                        let _ = may.recv();
                    }
                    if client.write_all(&bytes[..count]).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (begun, go_on)
}

/// That a token was used is not worth waiting for, and still less keeping connections that wait when nobody does.
#[test]
fn a_token_that_is_locked_keeps_no_connection_waiting() {
    let Some(engine) = Engine::postgres() else {
        return;
    };
    let crick = Crick::start_with(engine, &["--database-connections", "2"]);
    let laptop = crick.device("laptop");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            crick.database.execute(
                "DO $$ BEGIN \
                   PERFORM 1 FROM api_tokens FOR UPDATE; \
                   FOR turn IN 1..600 LOOP \
                     PERFORM pg_sleep(0.05); \
                     EXIT WHEN EXISTS (SELECT FROM users WHERE login = 'over'); \
                   END LOOP; \
                 END $$",
            );
        });
        let locks = "SELECT count(*) FROM pg_locks WHERE relation = 'api_tokens'::regclass AND mode = 'RowShareLock'";
        while crick.database.number(locks) == 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
        let statuses: Vec<u16> = (0..4).map(|_| laptop.get("/users/me").status).collect();
        crick.database.add_user("over");
        assert_eq!(statuses, [200; 4]);
    });
    laptop.get("/users/me").ok(200);
    let noted = "SELECT count(*) FROM api_tokens WHERE last_used_at IS NOT NULL";
    assert_eq!(crick.database.number(noted), 1);
}

fn an_address_that_cannot_be_listened_on_is_exit_2(engine: Engine) {
    let crick = Crick::start(engine);
    let other = engine.migrated();
    let folder = other.path("missing").join("crick.sock");
    let in_missing_folder = format!("unix:{}", folder.display());
    for address in [
        crick.server.address.as_str(),
        // Of no interface, of a folder that is not there, and a folder itself.
        "192.0.2.1:0",
        &in_missing_folder,
        "unix:/",
    ] {
        let mut command = other.server_command();
        let ran = run(command.args(["--listen", address])).failed();
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(
            ran.stderr.contains(&format!("cannot listen on {address}")),
            "{ran:?}"
        );
        let metrics = ["--listen", "127.0.0.1:0", "--metrics-listen", address];
        let ran = run(other.server_command().args(metrics)).failed();
        assert_eq!(ran.code, Some(2), "{ran:?}");
    }
}

#[test]
fn the_names_of_the_first_crick_in_the_environment_are_understood() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = |variables: &[(&str, &str)]| -> toml::Table {
        let mut command = server_command();
        command
            .arg("check-config")
            .env("XDG_DATA_HOME", folder.path());
        command.envs(variables.iter().copied());
        let printed = run(&mut command).succeeded().stdout;
        printed.parse().expect("TOML")
    };
    let keys = "https://crick.eu.auth0.com/.well-known/jwks.json";
    let set = settings(&[
        ("PORT", "8123"),
        ("AUTH0_DOMAIN", "crick.eu.auth0.com"),
        ("AUTH0_AUDIENCE", AUDIENCE),
        ("AUTH0_JWKS_URI", keys),
        (
            "CORS_ALLOWED_ORIGINS",
            "https://a.example, https://b.example",
        ),
    ]);
    for (name, value) in [
        ("listen", "0.0.0.0:8123"),
        ("oidc_issuer", "https://crick.eu.auth0.com/"),
        ("oidc_audience", AUDIENCE),
        ("oidc_jwks_uri", keys),
    ] {
        assert_eq!(set[name].as_str(), Some(value), "{name} in {set}");
    }
    let origins = |set: &toml::Table| set["cors_allowed_origins"].as_array().map(Vec::len);
    assert_eq!(origins(&set), Some(2));
    for variables in [&[][..], &[("CORS_ALLOWED_ORIGINS", "")]] {
        assert_eq!(origins(&settings(variables)), Some(0), "{variables:?}");
    }
}
