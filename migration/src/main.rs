//! `crick-api-migrate`: applies and undoes the steps of the schema's history.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

/// Runs the command and turns a failure into one sentence and exit code 1.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .init();
    match cli::Cli::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("crick-api-migrate: {error}");
            ExitCode::FAILURE
        }
    }
}
