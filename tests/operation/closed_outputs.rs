//! Programs work although their output is closed or full.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Engine, RawConnection, frames};

/// Runs a program whose standard output and standard error are closed.
#[track_caller]
fn run_unread(command: &mut Command) -> ExitStatus {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop((child.stdout.take(), child.stderr.take()));
    child.wait().expect("it ends")
}

#[test]
fn commands_with_closed_outputs_work_without_a_panic() {
    let database = Engine::sqlite().empty();
    let migrated = run_unread(database.migrate_command().arg("up"));
    assert_eq!(migrated.code(), Some(0));
    for arguments in [
        &["user", "add", "alice"][..],
        &["user", "list"],
        &["man"],
        &["openapi"],
    ] {
        let status = run_unread(database.server_command().args(arguments));
        assert_eq!(status.code(), Some(0), "{arguments:?}");
    }
    let users = database.crick(&["user", "list"]).succeeded().stdout;
    assert_eq!(users, "alice\n");
    for arguments in [
        &["status"][..],
        &["man"],
        &["completions", "bash"],
        &["down"],
    ] {
        let status = run_unread(database.migrate_command().args(arguments));
        assert_eq!(status.code(), Some(0), "{arguments:?}");
    }
    // A failure must not be a panic (101).
    let status = run_unread(database.server_command().args(["user", "remove", "nobody"]));
    assert_eq!(status.code(), Some(1));
    let status = run_unread(database.migrate_command().args(["down", "50"]));
    assert_eq!(status.code(), Some(1));
    let status = run_unread(database.server_command().args(["--listen", "nowhere"]));
    assert_eq!(status.code(), Some(2));
}

#[test]
fn a_server_with_a_closed_log_continues_to_serve() {
    let database = Engine::sqlite().migrated();
    database.add_user("alice");
    let token = database.create_token("alice", "laptop");
    let socket = database.path("http.sock");
    let listen = format!("unix:{}", socket.display());
    let mut command = database.server_command();
    command.args(["--listen", &listen, "--log", "debug", "--drain-grace", "0"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut server = command.spawn().expect("it starts");
    drop((server.stdout.take(), server.stderr.take()));
    let deadline = Instant::now() + Duration::from_secs(30);
    while std::os::unix::net::UnixStream::connect(&socket).is_err() {
        assert!(Instant::now() < deadline, "it does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
    let body = serde_json::Value::from(frames(2)).to_string();
    for status in [201, 201] {
        let mut connection = RawConnection::open(&listen);
        connection.send_push_head(&token, body.len());
        connection.send(&body);
        let reply = connection.reply().expect("a response");
        assert_eq!(reply.status, status, "{reply:?}");
    }
    let kill = format!("kill -TERM {}", server.id());
    let killed = Command::new("sh").args(["-c", &kill]).status();
    assert!(killed.expect("sh runs").success());
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}
