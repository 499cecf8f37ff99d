//! Why the settings cannot be used.

use std::path::PathBuf;

use migration::output::explain_file;

/// Why the settings cannot be used. Names the setting and its source, never a secret's value.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file cannot be read.
    #[error("cannot read {what} {}: {}", path.display(), explain_file(.cause))]
    Unreadable {
        /// What the file is for.
        what: &'static str,
        /// Its path.
        path: PathBuf,
        /// The error of the operating system.
        cause: std::io::Error,
    },
    /// The settings file has an unknown key or an invalid value.
    #[error("{}: {problem}", path.display())]
    Toml {
        /// The file.
        path: PathBuf,
        /// The line or the key, and what is wrong there.
        problem: String,
    },
    /// A value is invalid.
    #[error("{name}: {problem}")]
    Invalid {
        /// The setting or variable.
        name: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The sources cannot be merged, for instance because a path is not UTF-8.
    #[error("the settings cannot be merged: {0}")]
    Unmergeable(String),
}

pub(super) fn invalid(name: &'static str, problem: &str) -> ConfigError {
    ConfigError::Invalid {
        name,
        problem: problem.to_owned(),
    }
}
