//! Where the database is: a URL for SQLite or PostgreSQL, or the `key=value` form that the first Crick was given.

mod pairs;
mod parameters;
mod sqlite;

use std::fmt;
use std::path::PathBuf;

use url::Url;

use crate::tls;

/// The parameters that the PostgreSQL driver knows. Others are refused: it would show their values in a warning.
const PARAMETERS: [&str; 18] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// The database engines this schema is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A single file, embedded in the program.
    Sqlite,
    /// A server, 14 or newer.
    Postgres,
}

/// A data source name that was understood. Its `Display` and `Debug` hide the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Dsn {
    engine: Engine,
    url: String,
}

/// Why a data source name was not understood. Never quotes the name: it may hold a password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DsnError {
    /// Neither of the two engines.
    #[error(
        "the database address must begin with sqlite: or postgresql:// (or be of the form \"host=… dbname=…\")"
    )]
    UnknownScheme,
    /// Not a URL.
    #[error("the database address is not a valid URL: {0}")]
    Invalid(url::ParseError),
    /// Nothing at all, which is rather a secret that is missing than a wish for the default.
    #[error("the database address is empty; name a database, or remove the setting")]
    Blank,
    /// A line break, for instance between two addresses.
    #[error("the database address holds a line break or another control character")]
    ControlCharacter,
    /// SQLite without a file, which would be a database in memory.
    #[error(
        "the database address names no file: write sqlite:/PATH, or sqlite::memory: for a database that is lost \
         when the program ends"
    )]
    NoFile,
    /// A file's name that is not UTF-8.
    #[error("the database address names a file whose name is not UTF-8")]
    NotUtf8,
    /// A way of opening a file in which nothing could be stored.
    #[error(
        "the database address has mode={0}; a database file is opened with mode=rwc or mode=rw"
    )]
    Mode(String),
    /// A parameter nobody knows. Its value is not quoted.
    #[error("the database address has an unknown parameter {0}")]
    UnknownParameter(String),
    /// A parameter whose value cannot be used. The value is not quoted.
    #[error("the database address has a {name} that is not {expected}")]
    Parameter {
        /// Its name.
        name: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// A name or a password with bytes that are not UTF-8, or with NUL.
    #[error("the database address holds percent-encoded bytes that are not UTF-8 text")]
    NotText,
    /// Parameters about TLS that do not go together.
    #[error("{0}")]
    Tls(&'static str),
    /// The `key=value` form with something else in it.
    #[error("the database address holds a word that is not of the form key=value")]
    InvalidPair,
}

impl Dsn {
    /// Understands a data source name.
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
        // "postgresql:///db?host=/run/postgresql" names no host in its authority: the driver reads it from the query.
        let parsed = Url::parse(&url).map_err(DsnError::Invalid)?;
        if let Some((key, _)) = parsed
            .query_pairs()
            .find(|(key, _)| !PARAMETERS.contains(&key.as_ref()))
        {
            return Err(DsnError::UnknownParameter(key.into_owned()));
        }
        parameters::check(&parsed)?;
        let dsn = Self {
            engine: Engine::Postgres,
            url,
        };
        let host = parsed.query_pairs().find(|(key, _)| key == "host");
        let host = host.map(|(_, host)| host.into_owned());
        let host = host.or_else(|| parsed.host_str().map(str::to_owned));
        // A socket needs no TLS, and without a host it is one.
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

    /// Which engine it names.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The whole URL, password included: for the driver only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.url
    }

    /// The file of a SQLite database; `None` for PostgreSQL or a database in memory.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        sqlite::file(self.url.strip_prefix("sqlite:")?)
    }

    /// Whether it is a SQLite database that ends with the program.
    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.engine == Engine::Sqlite && self.file().is_none()
    }

    /// Whether the file of a SQLite database is created if there is none.
    pub(crate) fn creates_file(&self) -> bool {
        !self.url.ends_with(sqlite::NOT_CREATED)
    }

    /// Whether a password stands in it, in either of the two places a URL has for one.
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
        match (self.engine, Url::parse(&self.url)) {
            (Engine::Postgres, Ok(mut url)) => {
                if url.password().is_some() && url.set_password(Some("***")).is_err() {
                    return f.write_str("postgresql://***");
                }
                if url.query().is_some() {
                    let shown: Vec<(String, String)> = url
                        .query_pairs()
                        .map(|(key, value)| {
                            let hidden = key == "password";
                            (
                                key.into_owned(),
                                if hidden {
                                    "***".into()
                                } else {
                                    value.into_owned()
                                },
                            )
                        })
                        .collect();
                    url.query_pairs_mut().clear().extend_pairs(shown);
                }
                write!(f, "{}", url.as_str().replace("%2F", "/"))
            }
            (Engine::Postgres, Err(_)) => f.write_str("postgresql://***"),
            (Engine::Sqlite, _) => f.write_str(&self.url),
        }
    }
}

impl fmt::Debug for Dsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dsn({self})")
    }
}

#[cfg(test)]
mod tests;
