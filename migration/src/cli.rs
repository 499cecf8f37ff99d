//! The command line of `crick-api-migrate`.

use std::error::Error;
use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, Subcommand};
use migration::{Dsn, SchemaState};

/// Apply, undo and show the steps of crick-api's database schema.
///
/// The database is found in this order: --dsn, the environment variable CRICK_DSN, the file `dsn` in the folder
/// $CREDENTIALS_DIRECTORY that systemd makes for a service.
#[derive(Debug, Parser)]
#[command(name = "crick-api-migrate", version)]
pub(crate) struct Cli {
    /// The database, for instance sqlite:/var/lib/crick-api/crick.db or postgresql://crick@localhost/crick.
    /// Refused with a password in it, because every user of the machine can read a command line.
    #[arg(long, global = true, value_name = "URL")]
    dsn: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply every step that is missing. Safe to run from several places at once; quick when there is nothing to do.
    Up {
        /// PostgreSQL: afterwards let this role read and write rows (and nothing else) in all tables.
        #[arg(long, value_name = "ROLE")]
        grant_to: Option<String>,
    },
    /// Undo the newest steps, with the data they hold.
    Down {
        /// How many.
        #[arg(default_value_t = 1, value_parser = step_count)]
        steps: usize,
    },
    /// Show every step and whether it is applied.
    Status,
    /// Drop every table of the database, whoever made it, and build the schema anew. All data is lost.
    Fresh {
        /// Yes, lose all data.
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

impl Cli {
    /// Does what was asked.
    pub(crate) async fn run(self) -> Result<(), Box<dyn Error>> {
        match self.command {
            Command::Completions { shell } => {
                let mut command = Self::command();
                clap_complete::generate(
                    shell,
                    &mut command,
                    "crick-api-migrate",
                    &mut std::io::stdout(),
                );
                return Ok(());
            }
            Command::Man => {
                return Ok(clap_mangen::Man::new(Self::command()).render(&mut std::io::stdout())?);
            }
            Command::Fresh { yes: false } => {
                return Err(
                    "fresh drops every table and all data; say --yes if that is what you want"
                        .into(),
                );
            }
            _ => {}
        }
        let dsn = find_dsn(self.dsn)?;
        let db = migration::connect(&dsn, 1)
            .await
            .map_err(|error| format!("cannot open {dsn}: {error}"))?;
        match self.command {
            Command::Up { grant_to } => {
                let count = migration::up(&db, |step| println!("applied {step}")).await?;
                if count == 0 {
                    println!(
                        "nothing to apply: {}",
                        sentence(&migration::state(&db).await?)
                    );
                }
                if let Some(role) = grant_to {
                    migration::grant_to(&db, &role).await?;
                }
            }
            Command::Down { steps } => {
                let count = migration::down(&db, steps, |step| println!("undone {step}")).await?;
                if count < steps {
                    println!("nothing more to undo");
                }
            }
            Command::Fresh { .. } => {
                migration::fresh(&db, |step| println!("applied {step}")).await?;
            }
            _ => status(&db).await?,
        }
        Ok(())
    }
}

async fn status(db: &sea_orm_migration::sea_orm::DatabaseConnection) -> Result<(), Box<dyn Error>> {
    let applied = migration::applied(db).await?;
    let known = migration::steps();
    for step in &known {
        let word = if applied.iter().any(|name| name == step.name()) {
            "applied"
        } else {
            "missing"
        };
        println!("{word} {}", step.name());
    }
    for name in applied
        .iter()
        .filter(|name| !known.iter().any(|step| step.name() == *name))
    {
        println!("unknown {name}");
    }
    let state = migration::state(db).await?;
    println!("{}", sentence(&state));
    Ok(())
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

fn find_dsn(flag: Option<String>) -> Result<Dsn, Box<dyn Error>> {
    if let Some(text) = flag {
        let dsn = Dsn::parse(&text)?;
        if dsn.has_password() {
            return Err(
                "a password on the command line can be read by every user of this machine; \
                        put the address into CRICK_DSN or a credential file instead"
                    .into(),
            );
        }
        return Ok(dsn);
    }
    if let Some(text) = std::env::var("CRICK_DSN")
        .ok()
        .filter(|text| !text.is_empty())
    {
        return Ok(Dsn::parse(&text)?);
    }
    if let Some(folder) = std::env::var_os("CREDENTIALS_DIRECTORY") {
        let path = PathBuf::from(folder).join("dsn");
        if path.exists() {
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            return Ok(Dsn::parse(&text)?);
        }
    }
    Err("which database? Say --dsn URL, set CRICK_DSN, or run under systemd with a credential named dsn".into())
}
