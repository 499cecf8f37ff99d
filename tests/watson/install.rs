//! Installs Watson in virtual environments under `target/`, once for all tests and processes.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use crate::support::{missing, run};

/// The newest release, and the last one with the old name of a frame's start in the protocol.
pub(super) const VERSIONS: [&str; 2] = ["2.1.0", "1.9.0"];

/// What each version needs on a current Python.
fn requirements(version: &str) -> Vec<String> {
    let mut requirements = vec![format!("td-watson=={version}")];
    if version.starts_with("1.") {
        requirements.push("click<8".to_owned());
    }
    requirements
}

/// The Python that runs a version of Watson (`-m watson`). If it cannot be installed, prints a line
/// and returns `None`.
pub(super) fn watson(version: &'static str) -> Option<PathBuf> {
    static INSTALLED: Mutex<BTreeMap<&str, Option<PathBuf>>> = Mutex::new(BTreeMap::new());
    let mut installed = INSTALLED
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    installed
        .entry(version)
        .or_insert_with(|| install(version))
        .clone()
}

fn install(version: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("watson");
    std::fs::create_dir_all(&root).expect("a folder under target");
    // Another test process may be installing it.
    let lock = File::create(root.join(format!("{version}.lock"))).expect("a lock file");
    lock.lock().expect("the lock");
    let folder = root.join(version);
    let python = folder.join("bin/python");
    if works(&python, version) {
        return Some(python);
    }
    match make(&folder, version) {
        Ok(()) => Some(python),
        Err(reason) => {
            let skipped = format!("the tests with the real Watson {version}");
            missing("watson", &skipped, &reason);
            None
        }
    }
}

fn works(python: &Path, version: &str) -> bool {
    python.exists()
        && run(Command::new(python)
            .args(["-m", "watson", "--version"])
            .env("LC_ALL", "C.UTF-8"))
        .stdout
        .contains(version)
}

fn make(folder: &Path, version: &str) -> Result<(), String> {
    let python = folder.join("bin/python");
    succeed(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(folder),
    )?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    succeed(
        Command::new(&python)
            .args(install)
            .args(requirements(version)),
    )?;
    if works(&python, version) {
        Ok(())
    } else {
        Err(format!("Watson {version} was installed but does not start"))
    }
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.lines().last().unwrap_or("no reason given");
    Err(format!(
        "{} failed: {last}",
        command.get_program().display()
    ))
}
