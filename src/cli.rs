//! The command line: `serve` is the default; the others look after users, tokens and frames.

mod fetch_jwks;
mod frames;
mod import;
mod restored;
mod serve;
mod token;
mod user;

use std::io::stdout;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use migration::output;
use migration::output::complain;

use crate::config::{Config, ConfigError, Settings};
use crate::server::ListenError;
use crate::store::Store;
use crate::systemd::{SocketError, Sockets};
use crate::{api, log, systemd};

/// A server for the Watson time tracker.
///
/// Started without a command it serves: on the sockets that systemd passes, else on --listen. Without a database
/// address it keeps everything in one SQLite file, which it makes; its first start prints what to type into Watson.
#[derive(Parser)]
#[command(name = "crick-api-server", version, after_help = EXAMPLES)]
struct Cli {
    /// A TOML file with the settings below, dashes written as underscores; unknown keys are refused
    #[arg(long, global = true, env = "CRICK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  crick-api-server                                      serve on 127.0.0.1:7878, data in one file
  crick-api-server token create ada --device laptop     a token for Watson on another device
  crick-api-server import ada ~/.config/watson/frames   take over what Watson has tracked so far
  CRICK_DSN=postgresql://crick@db/crick crick-api-server --listen unix:/run/crick.sock";

#[derive(Subcommand)]
enum Command {
    /// Answer requests until SIGTERM, SIGINT or SIGHUP, then finish what is in flight (the default)
    Serve,
    /// Add, list and remove users
    #[command(subcommand)]
    User(user::Command),
    /// Make, list and revoke the tokens of a user's devices
    #[command(subcommand)]
    Token(token::Command),
    /// Remove frames
    #[command(subcommand)]
    Frame(frames::Command),
    /// Take over frames from a Watson `frames` file, JSON lines or CSV; frames that are known
    /// already change nothing
    ///
    /// Frames that cannot be stored are listed and left out, and make the command fail in the end;
    /// all others are stored. An import that is interrupted keeps what it has stored so far.
    Import(import::Import),
    /// Write a user's frames as a Watson `frames` file or as JSON lines
    Export(frames::Export),
    /// Copy the SQLite database to a new file while it is in use
    Backup {
        /// The file to make
        file: PathBuf,
    },
    /// Tell the devices that the database was restored from a backup, so that they bring back what it lacks
    ///
    /// Run this after restoring a backup, or after a standby that lacked the last commits has taken over, before a server
    /// starts on the database. `watson sync` then fails on each device and shows what to do: delete the file `last_sync`
    /// and sync twice. The first sync pushes everything that the device has, the second receives what the device lacks.
    /// So edits made after the backup are kept, and a device that has not changed a frame since does not undo another
    /// device's edit of it. This copies all frames within the database until `restored --end`.
    Restored(restored::Command),
    /// Fetch the issuer's keys into a file, for a server without a network; a timer's work
    ///
    /// The file is replaced as a whole, and left alone when the keys cannot be had or are not usable.
    FetchJwks {
        /// The file [default: oidc_jwks_file]
        file: Option<PathBuf>,
    },
    /// Check the settings and print those in force, secrets hidden; opens no database
    CheckConfig,
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
    /// Print a completion script for a shell
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

/// Does what the command line says.
///
/// # Errors
/// With a sentence for the person who typed it.
pub fn run(sockets: Sockets) -> anyhow::Result<()> {
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches)?;
    match cli.command {
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "crick-api-server", &mut script);
            return print_line(String::from_utf8(script)?.trim_end());
        }
        Some(Command::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            return print_line(String::from_utf8(page)?.trim_end());
        }
        Some(Command::Openapi) => return print_line(&api::openapi("/watson")),
        _ => {}
    }
    let config = Config::load(&matches, cli.config.as_deref())?;
    log::init(&config.settings.log, config.settings.log_format).map_err(|error| {
        ConfigError::Invalid {
            name: "log",
            problem: error.to_string(),
        }
    })?;
    match cli.command {
        None | Some(Command::Serve) => {
            // On one of the runtime's threads: what happens on a socket then wakes no other.
            let runtime = runtime()?;
            match runtime.block_on(runtime.spawn(serve::run(config, sockets))) {
                Ok(served) => served,
                Err(ended) => std::panic::resume_unwind(ended.into_panic()),
            }
        }
        Some(Command::FetchJwks { file }) => {
            runtime()?.block_on(fetch_jwks::run(config.oidc, file))
        }
        Some(Command::CheckConfig) => print_line(config.to_toml()?.trim_end()),
        Some(command) => runtime()?.block_on(administer(command, &config)),
    }
}

/// 2 for settings and sockets that cannot be used, which starting again will not help; 1 for everything else.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let is_unusable =
        error.is::<ConfigError>() || error.is::<SocketError>() || error.is::<ListenError>();
    ExitCode::from(if is_unusable { 2 } else { 1 })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Runtime::new().context("cannot start the runtime")
}

/// The commands that open the database and end.
async fn administer(command: Command, config: &Config) -> anyhow::Result<()> {
    let store = open(config).await?;
    match command {
        Command::User(command) => command.run(&store, config).await?,
        Command::Token(command) => command.run(&store, config).await?,
        Command::Frame(command) => command.run(&store).await?,
        Command::Import(command) => command.run(&store).await?,
        Command::Export(command) => command.run(&store).await?,
        Command::Backup { file } => {
            store.backup(&file).await?;
        }
        Command::Restored(command) => command.run(&store).await?,
        Command::Serve
        | Command::FetchJwks { .. }
        | Command::CheckConfig
        | Command::Openapi
        | Command::Completions { .. }
        | Command::Man => {}
    }
    store.close().await;
    Ok(())
}

/// Opens the database and makes sure of its schema.
async fn open(config: &Config) -> anyhow::Result<Store> {
    let store = connect(config).await?;
    store.prepare(&config.dsn, config.migrate_on_start).await?;
    Ok(store)
}

/// Connects to the database; makes the folder of the embedded one, open to its owner only.
async fn connect(config: &Config) -> anyhow::Result<Store> {
    use std::os::unix::fs::DirBuilderExt as _;
    if config.dsn.is_in_memory() {
        tracing::warn!("the database is in memory: everything is lost when this program ends");
    }
    if config.is_default_dsn
        && let Some(folder) = config.dsn.file().as_deref().and_then(Path::parent)
    {
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
        made.with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    Ok(Store::connect(&config.dsn, config.settings.database_connections.get()).await?)
}

/// What to type on a device so that its Watson syncs with the server at `address`.
fn watson_lines(address: &str, watson_path: &str, token: &str) -> String {
    format!(
        "  watson config backend.url {address}{watson_path}\n  watson config backend.token {token}\n  watson sync"
    )
}

/// Writes a line to standard output. A reader that has seen enough is no failure.
fn print_line(line: &str) -> anyhow::Result<()> {
    output::print_line(line).context("cannot write to standard output")
}

/// Whether a person reads what is printed.
fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    stdout().is_terminal() && !systemd::is_journal()
}
