//! Installs Python packages once, in virtual environments under `target/`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the Python of an environment with these packages. `works` tries whether it is usable.
///
/// # Errors
/// Returns why they cannot be installed.
pub(crate) fn python_with(
    folder: &str,
    packages: &[String],
    works: impl Fn(&Path) -> bool,
) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(folder);
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    // Another test process may be installing the same environment.
    let lock = File::create(folder.with_extension("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let python = folder.join("bin/python");
    if python.exists() && works(&python) {
        return Ok(python);
    }
    succeed(
        Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let install = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    succeed(Command::new(&python).args(install).args(packages))?;
    if works(&python) {
        Ok(python)
    } else {
        Err(format!(
            "{} cannot be used once installed",
            packages.join(" ")
        ))
    }
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    let output = command
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.lines().last().unwrap_or("no reason given");
    Err(format!("{program} failed: {last}"))
}
