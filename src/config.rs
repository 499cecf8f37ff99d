//! The settings and their sources. In ascending priority: defaults, the settings file, files in
//! `$CREDENTIALS_DIRECTORY`, the environment, flags.
//!
//! Each source is read as a TOML table. The tables are merged, and the result is read as
//! [`Settings`], where each setting is one field. `Config` adds what depends on several settings.

mod dsn;
mod error;
mod listen;
mod number;
mod oidc;
mod registration;
mod settings;
mod sources;
mod watson_path;

use std::path::Path;

use clap::ArgMatches;
use migration::Engine;
use url::Url;

pub use error::ConfigError;
pub use listen::Listen;
pub(crate) use number::Number;
pub use oidc::{KeySource, Oidc, OidcClient};
pub use registration::{AllowRule, Registration};
pub use settings::{LogFormat, Settings};
pub use watson_path::RESERVED as RESERVED_PATHS;

use crate::store::Dsn;
use error::invalid;

/// The complete configuration, read once at the start and passed down as values.
#[derive(Clone)]
pub struct Config {
    /// The merged settings, without the address of the database.
    pub settings: Settings,
    /// The database.
    pub dsn: Dsn,
    /// Whether the operator chose no database, so that it is the SQLite file at its default path.
    pub is_default_dsn: bool,
    /// Whether the server applies missing schema steps when it starts.
    pub migrate_on_start: bool,
    /// The issuer whose tokens are accepted besides our own.
    pub oidc: Option<Oidc>,
    /// Who becomes a user by signing in with the issuer.
    pub registration: Registration,
}

impl Config {
    /// Merges the command line with all other sources. `flags` is what clap read from the command
    /// line and from the variables that it knows; `file` is the settings file.
    pub fn load(flags: &ArgMatches, file: Option<&Path>) -> Result<Self, ConfigError> {
        let (flags, defaults) = sources::flags(flags)?;
        let mut layers = vec![defaults];
        if let Some(path) = file {
            layers.push(sources::file(path)?);
            // A wrong value in the file is an error even if another source replaces it.
            sources::merge(&layers).map_err(|problem| ConfigError::Toml {
                path: path.to_owned(),
                problem,
            })?;
        }
        layers.extend([sources::credentials()?, sources::environment()?, flags]);
        Self::resolve(sources::merge(&layers).map_err(ConfigError::Unmergeable)?)
    }

    fn resolve(mut settings: Settings) -> Result<Self, ConfigError> {
        settings.watson_path = watson_path::parse(&settings.watson_path)?;
        check_origins(&settings.cors_allowed_origins)?;
        let (dsn, is_default_dsn) = dsn::resolve(settings.dsn.take(), settings.dsn_file.take())?;
        let is_sqlite = dsn.engine() == Engine::Sqlite;
        let oidc = oidc::resolve(&mut settings)?;
        let registration =
            Registration::resolve(settings.registration, &settings.registration_allow)?;
        Ok(Self {
            migrate_on_start: settings.migrate_on_start.unwrap_or(is_sqlite),
            settings,
            dsn,
            is_default_dsn,
            oidc,
            registration,
        })
    }

    /// The settings in force as a settings file, with the password of the database hidden.
    pub fn to_toml(&self) -> Result<String, ConfigError> {
        let mut table = sources::table(&self.settings)?;
        table.insert("dsn".to_owned(), self.dsn.to_string().into());
        table.insert("migrate_on_start".to_owned(), self.migrate_on_start.into());
        Ok(table.to_string())
    }
}

/// Checks that each text is an origin as browsers send it in `Origin`.
fn check_origins(origins: &[String]) -> Result<(), ConfigError> {
    let is_origin = |text: &&String| {
        Url::parse(text).is_ok_and(|url| {
            url.origin().is_tuple() && url.origin().ascii_serialization() == **text
        })
    };
    match origins.iter().find(|text| !is_origin(text)) {
        Some(text) => Err(invalid(
            "cors_allowed_origins",
            &format!("{text} is not an origin, like https://app.example.org"),
        )),
        None => Ok(()),
    }
}
