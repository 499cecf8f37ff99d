//! The command line: `serve` is the default; the other commands manage users, tokens and frames.

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
/// Without a command, it serves on the sockets that systemd passes, or else on --listen. Without
/// the address of a database, it creates a SQLite file, and its first start prints how to set up
/// Watson.
#[derive(Parser)]
#[command(name = "crick-api-server", version, after_help = EXAMPLES)]
struct Cli {
    /// A TOML file with the settings below, named with underscores; unknown names are errors
    #[arg(long, global = true, env = "CRICK_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXAMPLES: &str = "\
Examples:
  crick-api-server                                      serve on 127.0.0.1:7878 with SQLite
  crick-api-server token create ada --device laptop     create a token for another device
  crick-api-server import ada ~/.config/watson/frames   import the frames that Watson has tracked
  CRICK_DSN=postgresql://crick@db/crick crick-api-server --listen unix:/run/crick.sock";

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM, SIGINT or SIGHUP, then finish the requests in progress (default)
    Serve,
    /// Add, list, link and remove users
    #[command(subcommand)]
    User(user::Command),
    /// Create, list and revoke the tokens of a user's devices
    #[command(subcommand)]
    Token(token::Command),
    /// Remove frames
    #[command(subcommand)]
    Frame(frames::Command),
    /// Import frames from a Watson `frames` file, JSON Lines or CSV; known frames are skipped
    ///
    /// Invalid frames are listed and skipped, and make the command fail after it has stored all
    /// others. An interrupted import keeps what it has stored.
    Import(import::Import),
    /// Export a user's frames as a Watson `frames` file or as JSON Lines
    Export(frames::Export),
    /// Copy the SQLite database to a new file while it is in use
    Backup {
        /// The file to create
        file: PathBuf,
    },
    /// Make all devices sync from scratch after the database was restored from a backup
    ///
    /// Run this after restoring a backup, or after the failover to a standby that lacks the last
    /// commits, and before a server starts on the database. `watson sync` then fails on each device
    /// and shows what to do: delete the file `last_sync` and sync twice. The first sync pushes all
    /// frames of the device, the second pulls the missing ones. Thus edits made after the backup
    /// are kept, and a device that has not changed a frame since does not undo another device's
    /// edit of it. The database contains a copy of all frames until `restored --end`.
    Restored(restored::Command),
    /// Fetch the issuer's keys into a file, for a server without a network; run it regularly
    ///
    /// The file is replaced atomically, and only if the keys are usable.
    FetchJwks {
        /// The file [default: oidc_jwks_file]
        file: Option<PathBuf>,
    },
    /// Check the settings and print them without secrets; does not open the database
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

/// Runs the command line.
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
            // On a thread of the runtime, so that socket events need not wake another thread.
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

/// 2 for unusable settings and sockets, for which a restart does not help; 1 for everything else.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let is_unusable =
        error.is::<ConfigError>() || error.is::<SocketError>() || error.is::<ListenError>();
    ExitCode::from(if is_unusable { 2 } else { 1 })
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Runtime::new().context("cannot start the runtime")
}

/// Runs a command that needs the database.
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

/// Connects to the database, and checks or migrates its schema.
async fn open(config: &Config) -> anyhow::Result<Store> {
    let store = connect(config).await?;
    store.prepare(&config.dsn, config.migrate_on_start).await?;
    Ok(store)
}

/// Connects to the database. Creates the folder of the default SQLite file for its owner only.
async fn connect(config: &Config) -> anyhow::Result<Store> {
    use std::os::unix::fs::DirBuilderExt as _;
    if config.dsn.is_in_memory() {
        tracing::warn!("the database is in memory; everything is lost when this program ends");
    }
    if config.is_default_dsn
        && let Some(folder) = config.dsn.file().as_deref().and_then(Path::parent)
    {
        let created = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
        created.with_context(|| format!("cannot create the folder {}", folder.display()))?;
    }
    Ok(Store::connect(&config.dsn, config.settings.database_connections.get()).await?)
}

/// The commands that set up Watson for the server at `address`.
fn watson_lines(address: &str, watson_path: &str, token: &str) -> String {
    format!(
        "  watson config backend.url {address}{watson_path}\n  \
         watson config backend.token {token}\n  watson sync"
    )
}

/// Writes a line to standard output. A closed pipe is not an error.
fn print_line(line: &str) -> anyhow::Result<()> {
    output::print_line(line).context("cannot write to standard output")
}

/// Whether standard output is a terminal.
fn is_terminal() -> bool {
    use std::io::IsTerminal as _;
    stdout().is_terminal() && !systemd::is_journal()
}
