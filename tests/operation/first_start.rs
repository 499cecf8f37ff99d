//! The first start without any settings.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Api, Server, server_command};

/// The program with an empty home folder.
fn at_home(home: &TempDir) -> Command {
    let mut command = server_command();
    command.env("HOME", home.path());
    command
}

fn serve(home: &TempDir) -> Server {
    let options = [
        "--listen",
        "127.0.0.1:0",
        "--log-format",
        "json",
        "--drain-grace",
        "0",
    ];
    Server::spawn(at_home(home).args(options))
}

/// The value to type after `watson config KEY`.
#[track_caller]
fn value_to_type(server: &Server, key: &str) -> String {
    let command = format!("watson config {key} ");
    let value = server
        .printed
        .wait_for(|line| Some(line.trim().strip_prefix(&command)?.to_owned()));
    value.expect("the server prints what to type")
}

#[test]
fn the_first_start_prints_how_to_set_up_watson() {
    let home = tempfile::tempdir().expect("a home");
    let server = serve(&home);
    let url = value_to_type(&server, "backend.url");
    let token = value_to_type(&server, "backend.token");
    assert_eq!(url, server.watson_url());
    let api = Api::new(&server.address, Some(&token));
    api.push(&crate::support::frames(2));
    assert_eq!(api.pull_everything().len(), 2);
    assert!(!server.log.text().contains(&token), "printed, not logged");
}

#[test]
fn the_second_start_finds_the_data_and_prints_nothing() {
    let home = tempfile::tempdir().expect("a home");
    let first = serve(&home);
    let token = value_to_type(&first, "backend.token");
    Api::new(&first.address, Some(&token)).push(&crate::support::frames(2));
    first.stop();
    let second = serve(&home);
    assert_eq!(
        Api::new(&second.address, Some(&token))
            .pull_everything()
            .len(),
        2
    );
    let printed = second.printed.clone();
    assert_eq!(second.stop().code(), Some(0));
    assert!(
        !printed.text().contains("backend.token"),
        "{}",
        printed.text()
    );
}

#[test]
fn the_default_sqlite_file_is_private() {
    let home = tempfile::tempdir().expect("a home");
    let server = serve(&home);
    value_to_type(&server, "backend.token");
    let folder = home.path().join(".local/share/crick-api");
    for entry in std::fs::read_dir(&folder).expect("the folder of the data") {
        let entry = entry.expect("a file");
        let mode = entry.metadata().expect("its mode").permissions().mode();
        assert_eq!(
            mode & 0o077,
            0,
            "{} has mode {mode:o}",
            entry.path().display()
        );
    }
}

#[test]
fn a_user_can_be_added_before_the_first_start() {
    let home = tempfile::tempdir().expect("a home");
    crate::support::run(at_home(&home).args(["user", "add", "alice"])).succeeded();
    let create = ["token", "create", "alice", "--device", "laptop"];
    let token = crate::support::run(at_home(&home).args(create))
        .succeeded()
        .stdout;
    let server = serve(&home);
    let api = Api::new(&server.address, Some(token.trim()));
    assert_eq!(api.get("/watson/projects").status, 200);
}
