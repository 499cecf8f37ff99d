//! Runs the two programs under test.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The result of a program that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Its exit code, or `None` if a signal terminated it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Checks that it succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "the program failed: {self:?}");
        self
    }

    /// Checks that it failed with a message.
    #[track_caller]
    pub(crate) fn failed(self) -> Self {
        assert!(
            self.code.is_some_and(|code| code > 0),
            "the program should have failed: {self:?}"
        );
        assert!(!self.stderr.trim().is_empty(), "it failed without a word");
        self
    }

    /// Both outputs, for assertions about text that must not appear.
    pub(crate) fn output(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// A command that runs the server with a minimal environment.
pub(crate) fn server_command() -> Command {
    bare(PathBuf::from(env!("CARGO_BIN_EXE_crick-api-server")))
}

/// A command that runs the migrator. It is found next to the server, because cargo only passes
/// the paths of programs of the same package.
pub(crate) fn migrate_command() -> Command {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_crick-api-server"))
        .with_file_name(format!("crick-api-migrate{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --workspace` with the profile of the tests",
        path.display()
    );
    bare(path)
}

fn bare(path: PathBuf) -> Command {
    let mut command = Command::new(path);
    command
        .env_clear()
        // A program that falls back to the default database must fail instead of writing to it.
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null());
    for name in ["PATH", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Runs a command until it ends.
pub(crate) fn run(command: &mut Command) -> Ran {
    run_with_input(command, b"")
}

/// Runs a command until it ends, with `input` on its standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // Ignores a broken pipe: a program need not read its input.
    drop(stdin.write_all(input));
    drop(stdin);
    let output = child
        .wait_with_output()
        .expect("the program can be waited for");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("the program prints UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("the program complains in UTF-8"),
    }
}
