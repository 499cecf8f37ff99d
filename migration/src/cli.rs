//! The command line of `crick-api-migrate`.

use std::env::VarError;
use std::error::Error;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use migration::output::{complain, explain_file, print_line};
use migration::{Dsn, DsnError, SchemaState, explain};
use sea_orm_migration::sea_orm::{DatabaseConnection, DbErr};

/// Apply, undo and show the steps of crick-api's database schema.
///
/// The address of the database comes from --dsn, or else from the environment variable CRICK_DSN,
/// or else from the file `dsn` in $CREDENTIALS_DIRECTORY, which systemd creates for a service.
#[derive(Debug, Parser)]
#[command(name = "crick-api-migrate", version)]
pub(crate) struct Cli {
    /// The database, for instance sqlite:/var/lib/crick-api/crick.db or
    /// postgresql://crick@localhost/crick. Must not contain a password, because every user of the
    /// machine can read a command line.
    #[arg(long, global = true, value_name = "URL")]
    dsn: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply all missing steps. Several processes may do so at the same time.
    Up {
        /// PostgreSQL: afterwards grant this role to read and write rows in all tables, but no
        /// more.
        #[arg(long, value_name = "ROLE")]
        grant_to: Option<String>,
    },
    /// Undo the newest steps, and delete the data that they contain.
    Down {
        /// The number of steps.
        #[arg(default_value_t = 1, value_parser = step_count)]
        steps: usize,
        /// Confirm the loss of data of several steps.
        #[arg(long)]
        yes: bool,
    },
    /// Show every step, and whether it is applied.
    Status,
    /// Drop all tables of the database, also those of other programs, and create the schema again.
    Fresh {
        /// Confirm the loss of all data.
        #[arg(long)]
        yes: bool,
    },
    /// Print a completion script for a shell.
    Completions {
        /// bash, zsh, fish, elvish or powershell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff).
    Man,
}

fn step_count(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "expected a whole number")
}

/// Why the address of the database is unknown.
#[derive(Debug, thiserror::Error)]
enum SettingError {
    #[error(transparent)]
    Dsn(#[from] DsnError),
    #[error("CRICK_DSN is not UTF-8")]
    NotUtf8,
    #[error("cannot read {file}: {}", explain_file(.cause))]
    Unreadable { file: String, cause: std::io::Error },
    #[error(
        "a password on the command line can be read by every user of this machine; \
         put the address into CRICK_DSN or a credential file instead"
    )]
    PasswordInArguments,
    #[error(
        "which database? Say --dsn URL, set CRICK_DSN, or run under systemd with a credential \
         named dsn"
    )]
    None,
}

/// The error message.
pub(crate) fn explain_failure(error: &(dyn Error + 'static)) -> String {
    let of_database = error.downcast_ref::<DbErr>();
    of_database.map_or_else(|| error.to_string(), explain)
}

/// 2 for unusable settings, for which a restart does not help; 1 for everything else.
pub(crate) fn exit_code(error: &(dyn Error + 'static)) -> ExitCode {
    ExitCode::from(if error.is::<SettingError>() { 2 } else { 1 })
}

impl Cli {
    /// Runs the command.
    pub(crate) async fn run(self) -> Result<(), Box<dyn Error>> {
        match self.command {
            Command::Completions { shell } => {
                let (mut command, mut script) = (Self::command(), Vec::new());
                clap_complete::generate(shell, &mut command, "crick-api-migrate", &mut script);
                return Ok(print_all(&script)?);
            }
            Command::Man => {
                let mut page = Vec::new();
                clap_mangen::Man::new(Self::command()).render(&mut page)?;
                return Ok(print_all(&page)?);
            }
            Command::Fresh { yes: false } => {
                return Err("fresh drops all tables and all data; confirm with --yes".into());
            }
            _ => {}
        }
        let dsn = find_dsn(self.dsn)?;
        let db = migration::connect(&dsn, 1)
            .await
            .map_err(|error| format!("cannot open {dsn}: {}", explain(&error)))?;
        if dsn.is_in_memory() {
            complain("the database is in memory: everything is lost when this program ends");
        }
        migration::check(&db).await?;
        let applied = |step: &str| say(&format!("applied {step}"));
        match self.command {
            Command::Up { grant_to } => {
                let count = migration::up(&db, applied).await?;
                if count == 0 {
                    let state = sentence(&migration::state(&db).await?);
                    print_line(&format!("nothing to apply: {state}"))?;
                }
                if let Some(role) = grant_to {
                    migration::grant_to(&db, &role).await?;
                }
            }
            Command::Down { steps, yes } => {
                if !yes {
                    refuse_to_undo(&db, steps).await?;
                }
                let undone = |step: &str| say(&format!("undone {step}"));
                let count = migration::down(&db, steps, undone).await?;
                if count < steps {
                    print_line("nothing more to undo")?;
                }
            }
            Command::Fresh { .. } => {
                migration::fresh(&db, applied).await?;
            }
            _ => status(&db).await?,
        }
        Ok(())
    }
}

/// Reports a step. A failure to print does not stop the migration.
fn say(line: &str) {
    if let Err(error) = print_line(line) {
        tracing::warn!(%error, line, "cannot write to standard output");
    }
}

/// Writes a text to standard output. A closed pipe is not an error.
fn print_all(text: &[u8]) -> std::io::Result<()> {
    match std::io::stdout().write_all(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Requires a confirmation if several steps would be undone.
async fn refuse_to_undo(db: &DatabaseConnection, steps: usize) -> Result<(), Box<dyn Error>> {
    let applied = migration::applied(db).await?;
    if steps.min(applied.len()) <= 1 {
        return Ok(());
    }
    let undone: Vec<&str> = applied
        .iter()
        .rev()
        .take(steps)
        .map(String::as_str)
        .collect();
    Err(format!(
        "down {steps} undoes {} of {} steps and loses the data that they hold ({}); \
         say --yes if that is what you want",
        undone.len(),
        applied.len(),
        undone.join(", ")
    )
    .into())
}

async fn status(db: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    let applied = migration::applied(db).await?;
    let known = migration::steps();
    for step in &known {
        let word = if applied.iter().any(|name| name == step.name()) {
            "applied"
        } else {
            "missing"
        };
        print_line(&format!("{word} {}", step.name()))?;
    }
    for name in applied
        .iter()
        .filter(|name| !known.iter().any(|step| step.name() == *name))
    {
        print_line(&format!("unknown {name}"))?;
    }
    let state = migration::state(db).await?;
    Ok(print_line(&sentence(&state))?)
}

fn sentence(state: &SchemaState) -> String {
    match state {
        SchemaState::Current => "the schema is up to date".to_owned(),
        SchemaState::Behind(names) => {
            format!("{} steps are missing; apply them with `up`", names.len())
        }
        SchemaState::AheadCompatible => {
            "the schema is newer than this program, and compatible with it".to_owned()
        }
        SchemaState::AheadIncompatible(names) => {
            format!(
                "the schema was changed by a newer program ({}); use that version",
                names.join(", ")
            )
        }
    }
}

fn find_dsn(flag: Option<String>) -> Result<Dsn, SettingError> {
    if let Some(text) = flag {
        let dsn = Dsn::parse(&text)?;
        if dsn.has_password() {
            return Err(SettingError::PasswordInArguments);
        }
        return Ok(dsn);
    }
    // An empty value is an error, because it is probably a secret that is missing.
    match std::env::var("CRICK_DSN") {
        Ok(text) => return Ok(Dsn::parse(&text)?),
        Err(VarError::NotUnicode(_)) => return Err(SettingError::NotUtf8),
        Err(VarError::NotPresent) => (),
    }
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or(SettingError::None)?;
    let path = PathBuf::from(folder).join("dsn");
    match std::fs::read_to_string(&path) {
        // Without the line break at the end of the file.
        Ok(text) => Ok(Dsn::parse(text.trim_end_matches(['\n', '\r']))?),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Err(SettingError::None),
        Err(cause) => Err(SettingError::Unreadable {
            file: path.display().to_string(),
            cause,
        }),
    }
}
