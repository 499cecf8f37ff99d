//! What an operator may set, where it comes from, and what wins: flags, then the environment, then files in
//! `$CREDENTIALS_DIRECTORY`, then the settings file, then the defaults.
//!
//! Read once at the start and passed down as values; nothing else reads the environment but `systemd.rs`.

mod access;
mod listen;
mod oidc;
mod resolve;
mod settings;
mod show;
mod watson_path;

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use migration::output::explain_file;
use serde::{Deserialize, Serialize};

pub use access::{Access, Allowed, Registration};
pub use listen::Listen;
pub use oidc::{KeySource, Oidc, OidcClient};
pub use settings::Settings;
pub(crate) use settings::whole_number;
pub use watson_path::RESERVED as RESERVED_PATHS;

use crate::store::Dsn;

/// Everything the program needs to know, in order and complete.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen when systemd passes no socket.
    pub listen: Listen,
    /// Where to serve metrics when systemd passes no socket for them; none: nowhere.
    pub metrics_listen: Option<Listen>,
    /// The database.
    pub dsn: Dsn,
    /// Nobody chose a database: it is the embedded one at its usual place.
    pub is_default_dsn: bool,
    /// Apply missing schema steps when the server starts.
    pub migrate_on_start: bool,
    /// The address under which Watson finds its routes, without a slash at its end.
    pub watson_path: String,
    /// The most connections to the database.
    pub database_connections: u32,
    /// The largest body of a push, in bytes.
    pub bulk_body_limit: usize,
    /// The largest body of any other request, in bytes.
    pub body_limit: usize,
    /// Whose tokens are accepted beside our own; none: nobody's.
    pub oidc: Option<Oidc>,
    /// What the web API lets whom do.
    pub access: Access,
    /// Whether there are pages for people at `/`.
    pub dashboard: bool,
    /// How long a client may take to send a request's head.
    pub header_timeout: Duration,
    /// How long a request may take, besides the time during which its body keeps arriving.
    pub request_timeout: Duration,
    /// How long connections without a request may still bring one after the signal to stop.
    pub drain_grace: Duration,
    /// How long requests may still take once that is over.
    pub drain_deadline: Duration,
    /// Which log lines are shown, in tracing's filter syntax.
    pub log: String,
    /// How they look.
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// JSON when standard error is the systemd journal, else for people.
    Auto,
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
}

/// Why the settings cannot be used. Names the setting and its source, never a secret's value.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {what} {}: {}", path.display(), explain_file(.cause))]
    Unreadable {
        /// What it is to us.
        what: &'static str,
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The settings file has an unknown key, or a value of the wrong kind.
    #[error("{}: {problem}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// The line or the key, and what is wrong there.
        problem: String,
    },
    /// A value makes no sense.
    #[error("{name}: {problem}")]
    Invalid {
        /// The setting.
        name: &'static str,
        /// What is wrong and what to do.
        problem: String,
    },
}
