//! The program `crick-api-server`.

use std::process::ExitCode;

use crick_api::{cli, systemd};
use migration::output::complain;

/// musl's own allocator has one lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Takes systemd's sockets while there is only one thread, then runs the command line.
fn main() -> ExitCode {
    let sockets = systemd::take_sockets();
    match sockets.map_err(anyhow::Error::from).and_then(cli::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("crick-api-server: {error:#}"));
            cli::exit_code(&error)
        }
    }
}
