//! A restart of PostgreSQL fails no request: requests wait for it, up to a limit.

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Api, Crick, Engine, Server, batch};

/// A server that connects to PostgreSQL through a symbolic link, which the test removes as
/// PostgreSQL removes its socket when it stops.
struct Host {
    crick: Crick,
    link: PathBuf,
    socket: PathBuf,
}

impl Host {
    fn start() -> Option<Self> {
        let engine = Engine::postgres()?;
        let mut crick = Crick::start(engine);
        let (before, folder) = crick.database.dsn.split_once("host=").expect("a folder");
        let socket = PathBuf::from(folder).join(".s.PGSQL.5432");
        let link = crick.database.path(".s.PGSQL.5432");
        let folder = link.parent().expect("a folder").display();
        let mut command = crick.database.server_command();
        command
            .env("CRICK_DSN", format!("{before}host={folder}"))
            .env("CRICK_RATE_LIMIT_ADDRESS", "0")
            .args(["--listen", "127.0.0.1:0", "--log-format", "json"]);
        symlink(&socket, &link).expect("a link");
        crick.server = Server::spawn(&mut command);
        Some(Self {
            crick,
            link,
            socket,
        })
    }

    fn stop_postgresql(&self) {
        std::fs::remove_file(&self.link).expect("the link is there");
        self.crick.database.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }

    fn start_postgresql(&self) {
        symlink(&self.socket, &self.link).expect("a link");
    }
}

/// Sends a pull and an export of one user and a push of another, because a push that is overtaken
/// by a pull of the same token is rejected. Returns the statuses.
fn statuses([reader, writer]: &[Api; 2]) -> Vec<u16> {
    thread::scope(|scope| {
        let requests = [
            scope.spawn(|| reader.try_pull("1970-01-01T00:00:00%2B00:00").status),
            scope.spawn(|| writer.try_push(&batch("apollo", 3)).status),
            scope.spawn(|| reader.get("/frames.csv").status),
        ];
        let statuses = requests.map(|request| request.join().expect("a status"));
        statuses.to_vec()
    })
}

#[test]
fn requests_wait_while_postgresql_restarts() {
    let Some(host) = Host::start() else {
        return;
    };
    let people = ["alice", "bob"].map(|name| host.crick.person(name));
    assert_eq!(statuses(&people), [200, 201, 200]);

    for _ in 0..3 {
        host.stop_postgresql();
        let waited = thread::scope(|scope| {
            let waiting = scope.spawn(|| statuses(&people));
            thread::sleep(Duration::from_secs(1));
            assert!(!waiting.is_finished(), "a request did not wait");
            host.start_postgresql();
            waiting.join().expect("statuses")
        });
        assert_eq!(waited, [200, 201, 200]);
    }
}

#[test]
fn requests_fail_when_postgresql_stays_down() {
    let Some(host) = Host::start() else {
        return;
    };
    let people = ["alice", "bob"].map(|name| host.crick.person(name));
    host.stop_postgresql();
    let start = Instant::now();
    assert_eq!(statuses(&people), [503, 503, 503]);
    let waited = start.elapsed();
    assert!(waited > Duration::from_secs(5), "only {waited:?}");
    assert!(waited < Duration::from_secs(15), "{waited:?}");
    host.start_postgresql();
    assert_eq!(statuses(&people), [200, 201, 200]);
}
