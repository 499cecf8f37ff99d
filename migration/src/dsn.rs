//! Where the database is: a URL for SQLite or PostgreSQL, or the `key=value` form that the first Crick was given.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::Url;

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
    /// A database in memory, of which each connection would have its own.
    #[error("a database in memory cannot be served; name a file")]
    Memory,
    /// A parameter nobody knows. Its value is not quoted.
    #[error("the database address has an unknown parameter {0}")]
    UnknownParameter(String),
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
        let text = text.trim();
        if text.starts_with("sqlite:") {
            if text.contains("mode=memory") {
                return Err(DsnError::Memory);
            }
            return Ok(Self {
                engine: Engine::Sqlite,
                url: text.to_owned(),
            });
        }
        let url = if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            text.to_owned()
        } else if text.contains('=') && !text.contains("://") {
            from_pairs(text)?
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
        Ok(Self {
            engine: Engine::Postgres,
            url,
        })
    }

    /// The SQLite file at `path`.
    #[must_use]
    pub fn sqlite_file(path: &std::path::Path) -> Self {
        Self {
            engine: Engine::Sqlite,
            url: format!(
                "sqlite:{}",
                path.display()
                    .to_string()
                    .replace('%', "%25")
                    .replace('?', "%3F")
            ),
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

    /// The file of a SQLite database; none for PostgreSQL or a database in memory.
    #[must_use]
    pub fn file(&self) -> Option<PathBuf> {
        let path = self.url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or(path);
        let path = percent_decode_str(path).decode_utf8_lossy();
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path.as_ref()))
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

/// Turns libpq's `host=db user=crick password='a b'` into a URL; every key travels as a query parameter.
fn from_pairs(text: &str) -> Result<String, DsnError> {
    let mut url = Url::parse("postgresql:///").map_err(DsnError::Invalid)?;
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or(DsnError::InvalidPair)?;
        let key = key.trim();
        if key.is_empty() || key.contains(char::is_whitespace) {
            return Err(DsnError::InvalidPair);
        }
        let (value, after) = pair_value(after.trim_start())?;
        match key {
            "dbname" => url.set_path(&format!("/{value}")),
            "fallback_application_name" | "connect_timeout" => {}
            _ => {
                url.query_pairs_mut().append_pair(key, &value);
            }
        }
        rest = after.trim_start();
    }
    Ok(url.into())
}

/// One value of libpq's form, quoted or bare, and what follows it.
fn pair_value(text: &str) -> Result<(String, &str), DsnError> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if quoted => return Ok((value, &text[at + 1..])),
            c if !quoted && c.is_whitespace() => return Ok((value, &text[at..])),
            c => value.push(c),
        }
    }
    if quoted {
        Err(DsnError::InvalidPair)
    } else {
        Ok((value, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for text in [
            "postgres://crick:s3cret@db/crick",
            "postgresql:///crick?host=/run/postgresql&password=s3cret",
            "host=db user=crick password=s3cret dbname=crick",
        ] {
            let dsn = Dsn::parse(text).expect(text);
            assert!(dsn.has_password(), "{text}");
            assert!(!format!("{dsn} {dsn:?}").contains("s3cret"), "{dsn}");
        }
    }

    #[test]
    fn the_key_value_form_of_the_first_crick_is_understood() {
        let dsn = Dsn::parse("host=/run/postgresql user=crick dbname='cr ick' sslmode=disable")
            .expect("a DSN");
        assert_eq!(
            dsn.expose(),
            "postgresql:///cr%20ick?host=%2Frun%2Fpostgresql&user=crick&sslmode=disable"
        );
        assert_eq!(Dsn::parse("host=db user"), Err(DsnError::InvalidPair));
        assert_eq!(Dsn::parse("host='db"), Err(DsnError::InvalidPair));
    }

    #[test]
    fn anything_else_is_refused_without_being_quoted() {
        assert_eq!(
            Dsn::parse("mysql://root:s3cret@db/x"),
            Err(DsnError::UnknownScheme)
        );
    }

    #[test]
    fn the_file_of_a_sqlite_address_is_found() {
        for text in [
            "sqlite:/a/b.db",
            "sqlite:///a/b.db",
            "sqlite:/a/b.db?mode=rwc",
        ] {
            assert_eq!(
                Dsn::parse(text).expect(text).file(),
                Some(PathBuf::from("/a/b.db")),
                "{text}"
            );
        }
        assert_eq!(Dsn::parse("sqlite::memory:").expect("a DSN").file(), None);
    }
}
