//! The address of the database: a URL for SQLite or PostgreSQL, or libpq's `key=value` form.
//!
//! The driver's `PgConnectOptions` cannot replace this module: it does not parse the `key=value`
//! form, ignores unknown parameters with a warning that shows their values, accepts port 0 and an
//! empty host, and its errors quote the address.

mod pairs;
mod parameters;
mod sqlite;

use std::fmt;
use std::path::PathBuf;

use url::{Url, form_urlencoded};

use crate::tls;

/// The database engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A single file, embedded in the program.
    Sqlite,
    /// A server, version 14 or newer.
    Postgres,
}

/// A valid data source name. `Display` and `Debug` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    engine: Engine,
    url: String,
}

/// Why a data source name is invalid. Never quotes the name, which may contain a password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DsnError {
    /// Neither of the two engines.
    #[error(
        "the database address must begin with sqlite: or postgresql:// \
         (or be of the form \"host=… dbname=…\")"
    )]
    UnknownScheme,
    /// Not a URL.
    #[error("the database address is not a valid URL: {0}")]
    Invalid(url::ParseError),
    /// Empty, probably because a secret is missing.
    #[error("the database address is empty; name a database, or remove the setting")]
    Blank,
    /// A line break, for instance between two addresses.
    #[error("the database address contains a line break or another control character")]
    ControlCharacter,
    /// SQLite without a file, which the driver would open in memory.
    #[error(
        "the database address names no file: write sqlite:/PATH, or sqlite::memory: for a \
         database that is lost when the program ends"
    )]
    NoFile,
    /// A file name that is not UTF-8.
    #[error("the database address names a file whose name is not UTF-8")]
    NotUtf8,
    /// A mode in which a file cannot be written.
    #[error(
        "the database address has mode={0}; a database file is opened with mode=rwc or mode=rw"
    )]
    Mode(String),
    /// An unknown parameter.
    #[error("the database address has an unknown parameter {0}")]
    UnknownParameter(String),
    /// An invalid value of a parameter.
    #[error("the database address has a {name} that is not {expected}")]
    Parameter {
        /// The parameter.
        name: String,
        /// The expected kind of value.
        expected: &'static str,
    },
    /// A name or password with NUL or bytes that are not UTF-8.
    #[error("the database address contains percent-encoded bytes that are not UTF-8 text")]
    NotText,
    /// TLS parameters that exclude each other.
    #[error("{0}")]
    Tls(&'static str),
    /// A syntax error in the `key=value` form.
    #[error("the database address contains a word that is not of the form key=value")]
    InvalidPair,
}

impl Dsn {
    /// Parses a data source name.
    ///
    /// # Errors
    /// When it is neither `sqlite:…`, `postgres://…`, `postgresql://…` nor libpq's `key=value` form.
    pub fn parse(text: &str) -> Result<Self, DsnError> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(DsnError::Blank);
        }
        if text.contains(char::is_control) {
            return Err(DsnError::ControlCharacter);
        }
        if let Some(address) = text.strip_prefix("sqlite:") {
            return Ok(Self {
                engine: Engine::Sqlite,
                url: sqlite::parse(address)?,
            });
        }
        let url = if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            text.to_owned()
        } else if text.contains('=') && !text.contains("://") {
            pairs::to_url(text)?
        } else {
            return Err(DsnError::UnknownScheme);
        };
        let parsed = Url::parse(&url).map_err(DsnError::Invalid)?;
        parameters::check(&parsed)?;
        let dsn = Self {
            engine: Engine::Postgres,
            url,
        };
        // The host may be in the query, as in "postgresql:///db?host=/run/postgresql".
        let host = parsed.query_pairs().find(|(key, _)| key == "host");
        let host = host.map(|(_, host)| host.into_owned());
        let host = host.or_else(|| parsed.host_str().map(str::to_owned));
        // Without a host, the driver uses a Unix socket, which needs no TLS.
        if host.is_some_and(|host| !host.starts_with('/') && !host.starts_with("%2F")) {
            tls::check(&dsn).map_err(DsnError::Tls)?;
        }
        Ok(dsn)
    }

    /// The SQLite file at `path`.
    #[must_use]
    pub fn sqlite_file(path: &std::path::Path) -> Self {
        Self {
            engine: Engine::Sqlite,
            url: sqlite::url(&path.display().to_string(), true),
        }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The URL with its password: for the driver only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.url
    }

    /// The file of a SQLite database; `None` for PostgreSQL or a database in memory.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        sqlite::file(self.url.strip_prefix("sqlite:")?)
    }

    /// Whether it is a SQLite database in memory.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.engine == Engine::Sqlite && self.file().is_none()
    }

    /// Whether a missing SQLite file is created.
    pub(crate) fn creates_file(&self) -> bool {
        !self.url.ends_with(sqlite::NOT_CREATED)
    }

    /// Whether it contains a password, in the authority or in the query of the URL.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.engine == Engine::Postgres
            && Url::parse(&self.url).is_ok_and(|url| {
                url.password().is_some() || url.query_pairs().any(|(key, _)| key == "password")
            })
    }
}

impl fmt::Display for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HIDDEN: &str = "***";
        if self.engine == Engine::Sqlite {
            return f.write_str(&self.url);
        }
        let Ok(mut url) = Url::parse(&self.url) else {
            return write!(f, "postgresql://{HIDDEN}");
        };
        if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
            return write!(f, "postgresql://{HIDDEN}");
        }
        if let Some(query) = url.query().map(str::to_owned) {
            let pairs = form_urlencoded::parse(query.as_bytes());
            let shown = pairs.map(|(key, value)| match &*key {
                "password" => (key, HIDDEN.into()),
                _ => (key, value),
            });
            url.query_pairs_mut().clear().extend_pairs(shown);
        }
        f.write_str(&url.as_str().replace("%2F", "/"))
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({self})")
    }
}

#[cfg(test)]
mod tests;
