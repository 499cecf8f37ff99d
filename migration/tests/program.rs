//! Runs the program on a SQLite file. The server's tests need an integration test here, because
//! `cargo test --workspace` builds the program only with one.

use std::path::Path;
use std::process::{Command, Output};

fn migrate(file: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_crick-api-migrate"))
        .args(arguments)
        .env("CRICK_DSN", format!("sqlite:{}", file.display()))
        .output()
        .expect("the program starts")
}

#[test]
fn steps_are_applied_and_undone_one_by_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("crick.db");
    let steps = migration::steps().len();
    let count = |word: &str| {
        let output = migrate(&file, &["status"]);
        let status = String::from_utf8(output.stdout).expect("UTF-8");
        status.lines().filter(|line| line.starts_with(word)).count()
    };
    assert!(migrate(&file, &["up"]).status.success());
    assert_eq!(count("applied"), steps);
    for undone in 1..=steps {
        assert!(migrate(&file, &["down"]).status.success());
        assert_eq!(count("missing"), undone);
    }
    assert!(migrate(&file, &["up"]).status.success());
    assert_eq!(count("applied"), steps);
}
