//! The program `crick-api-migrate`.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;
use migration::output::{self, LogWriter};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(LogWriter::new)
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .init();
    match cli::Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let problem = cli::explain_failure(error.as_ref());
            output::complain(&format!("crick-api-migrate: {problem}"));
            cli::exit_code(error.as_ref())
        }
    }
}
