//! From what the sources say to one [`Config`].

use std::env::VarError;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Config, ConfigError, Listen, LogFormat, Settings, watson_path};
use crate::input;
use crate::store::Dsn;

/// No wait of a server is longer than a day.
const LONGEST: Duration = Duration::from_secs(86_400);
/// A body is held in memory.
const LARGEST_BODY: usize = 1 << 30;

impl Config {
    /// Reads every source below the flags and resolves them. `flags` is what clap made of the command line and of the
    /// environment's `CRICK_…` names; `file` is the settings file.
    ///
    /// # Errors
    /// When a source cannot be read or a value makes no sense.
    pub fn load(flags: Settings, file: Option<&Path>) -> Result<Self, ConfigError> {
        refuse_password_in_argv(&flags)?;
        let toml = file.map(read_toml).transpose()?.unwrap_or_default();
        if let Some(file) = file {
            refuse_password_in_store(&toml, file)?;
        }
        let settings = flags.or(environment()?).or(credentials()?).or(toml);
        resolve(settings)
    }
}

fn resolve(settings: Settings) -> Result<Config, ConfigError> {
    let (dsn, is_default_dsn) = dsn(&settings)?;
    let (oidc, access) = (
        super::oidc::resolve(&settings)?,
        super::access::resolve(&settings)?,
    );
    let is_sqlite = dsn.engine() == migration::Engine::Sqlite;
    let processors = std::thread::available_parallelism()
        .map_or(2, |count| u32::try_from(count.get()).unwrap_or(64));
    let config = Config {
        listen: settings
            .listen
            .unwrap_or(Listen::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 7878)))),
        metrics_listen: settings.metrics_listen,
        dsn,
        is_default_dsn,
        migrate_on_start: settings.migrate_on_start.unwrap_or(is_sqlite),
        watson_path: watson_path::parse(settings.watson_path.as_deref().unwrap_or("/watson"))?,
        database_connections: settings
            .database_connections
            .unwrap_or((4 * processors).max(8)),
        bulk_body_limit: settings.bulk_body_limit.unwrap_or(32 << 20),
        body_limit: settings.body_limit.unwrap_or(64 << 10),
        oidc,
        access,
        dashboard: settings.dashboard.unwrap_or(true),
        header_timeout: Duration::from_secs(settings.header_timeout.unwrap_or(10)),
        request_timeout: Duration::from_secs(settings.request_timeout.unwrap_or(60)),
        drain_grace: Duration::from_secs(settings.drain_grace.unwrap_or(10)),
        drain_deadline: Duration::from_secs(settings.drain_deadline.unwrap_or(60)),
        log: settings.log.unwrap_or_else(|| "info".to_owned()),
        log_format: settings.log_format.unwrap_or(LogFormat::Auto),
    };
    let too_long = [
        ("header_timeout", config.header_timeout),
        ("request_timeout", config.request_timeout),
        ("drain_grace", config.drain_grace),
        ("drain_deadline", config.drain_deadline),
    ];
    if let Some((name, _)) = too_long.into_iter().find(|(_, time)| *time > LONGEST) {
        return Err(invalid(name, "must be at most 86400 seconds"));
    }
    if config.bulk_body_limit.max(config.body_limit) > LARGEST_BODY {
        return Err(invalid(
            "bulk_body_limit",
            "must be at most 1073741824 bytes, and body_limit too",
        ));
    }
    let positive = [
        (
            "database_connections",
            u64::from(config.database_connections),
        ),
        ("bulk_body_limit", config.bulk_body_limit as u64),
        ("header_timeout", config.header_timeout.as_secs()),
        ("request_timeout", config.request_timeout.as_secs()),
    ];
    match positive.into_iter().find(|(_, value)| *value == 0) {
        Some((name, _)) => Err(invalid(name, "must be at least 1")),
        None => Ok(config),
    }
}

/// The environment's names that are not `CRICK_` and a setting's: those of the first Crick, and the database's address,
/// which must not be shown as a flag's value.
fn environment() -> Result<Settings, ConfigError> {
    let port = variable("PORT")?.map(|text| text.parse::<u16>());
    let port = port
        .transpose()
        .map_err(|_| invalid("PORT", "is not a port number"))?;
    let issuer = variable("AUTH0_DOMAIN")?.map(|domain| format!("https://{domain}/"));
    let origins = variable("CORS_ALLOWED_ORIGINS")?;
    let origins = origins.map(|list| list.split(',').map(|one| one.trim().to_owned()).collect());
    Ok(Settings {
        // Empty is not unset: a secret is missing, and the default would hide that.
        dsn: text_of("CRICK_DSN")?,
        dsn_file: text_of("CRICK_DSN_FILE")?.map(PathBuf::from),
        listen: port.map(|port| Listen::Tcp(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))),
        oidc_issuer: issuer,
        oidc_audience: variable("AUTH0_AUDIENCE")?,
        oidc_jwks_uri: variable("AUTH0_JWKS_URI")?,
        cors_allowed_origins: origins,
        ..Settings::default()
    })
}

/// What systemd's `LoadCredential=` brought.
fn credentials() -> Result<Settings, ConfigError> {
    let Some(folder) = variable("CREDENTIALS_DIRECTORY")? else {
        return Ok(Settings::default());
    };
    let dsn = Path::new(&folder).join("dsn");
    let dsn = match read("the credential", &dsn) {
        Err(ConfigError::Unreadable { cause, .. }) if cause.kind() == ErrorKind::NotFound => None,
        dsn => Some(without_line_end(&dsn?)),
    };
    let client_secret = Path::new(&folder).join("oidc-client-secret");
    Ok(Settings {
        dsn,
        oidc_client_secret_file: client_secret.exists().then_some(client_secret),
        ..Settings::default()
    })
}

fn read_toml(path: &Path) -> Result<Settings, ConfigError> {
    let text = read("the settings file", path)?;
    // The line itself may be the one with the password, and is not quoted.
    let syntax_error = |error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| 1 + before.matches('\n').count());
        format!("syntax error in line {line}")
    };
    let table = toml::from_str(&text).map_err(syntax_error);
    let settings = table
        .and_then(|table: toml::Table| input::read_value(table).map_err(|error| error.to_string()));
    settings.map_err(|problem| ConfigError::Toml {
        path: path.to_owned(),
        problem,
    })
}

fn read(what: &'static str, path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
        what,
        path: path.to_owned(),
        cause,
    })
}

/// A file ends with a line end, which is no part of what it says.
fn without_line_end(text: &str) -> String {
    text.trim_end_matches(['\n', '\r']).to_owned()
}

/// A variable of the environment; an empty one is unset.
fn variable(name: &'static str) -> Result<Option<String>, ConfigError> {
    Ok(text_of(name)?.filter(|value| !value.is_empty()))
}

fn text_of(name: &'static str) -> Result<Option<String>, ConfigError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(invalid(name, "is not UTF-8")),
    }
}

fn refuse_password_in_argv(flags: &Settings) -> Result<(), ConfigError> {
    match flags.dsn.as_deref().map(Dsn::parse) {
        Some(Ok(dsn)) if dsn.has_password() => Err(invalid(
            "--dsn",
            "a password on the command line can be read by every user of this machine; \
             use CRICK_DSN, --dsn-file or a credential named dsn",
        )),
        _ => Ok(()),
    }
}

/// The NixOS module checks its settings file while the system is built. The file is in the Nix store, which every user can
/// read.
fn refuse_password_in_store(settings: &Settings, file: &Path) -> Result<(), ConfigError> {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    match settings.dsn.as_deref().map(Dsn::parse) {
        Some(Ok(dsn)) if dsn.has_password() && file.starts_with("/nix/store") => Err(invalid(
            "dsn",
            "holds a password, which every user of this machine can read in the Nix store; \
             write the address to a file that only root can read and set services.crick-api.dsnFile to its path",
        )),
        _ => Ok(()),
    }
}

fn dsn(settings: &Settings) -> Result<(Dsn, bool), ConfigError> {
    let text = match (&settings.dsn, &settings.dsn_file) {
        (Some(_), Some(_)) => {
            return Err(invalid("dsn", "is given twice, with dsn_file; keep one"));
        }
        (Some(text), None) => text.clone(),
        (None, Some(path)) if path.as_os_str().is_empty() => {
            return Err(invalid(
                "dsn_file",
                "is empty; name a file, or remove the setting",
            ));
        }
        (None, Some(path)) => without_line_end(&read("dsn_file", path)?),
        (None, None) => return Ok((Dsn::sqlite_file(&default_folder()?.join("crick.db")), true)),
    };
    let dsn = Dsn::parse(&text).map_err(|error| invalid("dsn", &error.to_string()))?;
    Ok((dsn, false))
}

/// `$STATE_DIRECTORY` of a systemd service, else the XDG base directory specification's place for data.
fn default_folder() -> Result<PathBuf, ConfigError> {
    // systemd lists several with colons between them.
    let folders = variable("STATE_DIRECTORY")?;
    if let Some(folder) = folders.as_deref().and_then(|all| all.split(':').next()) {
        return Ok(PathBuf::from(folder));
    }
    let data = variable("XDG_DATA_HOME")?
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")));
    let data = data.ok_or_else(|| {
        invalid(
            "dsn",
            "there is no home folder to keep a database in; name one",
        )
    })?;
    Ok(data.join("crick-api"))
}

pub(super) fn invalid(name: &'static str, problem: &str) -> ConfigError {
    ConfigError::Invalid {
        name,
        problem: problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(dsn: &str, file: &str) -> Result<(), ConfigError> {
        let settings = Settings {
            dsn: Some(dsn.to_owned()),
            ..Settings::default()
        };
        refuse_password_in_store(&settings, Path::new(file))
    }

    #[test]
    fn a_password_in_the_nix_store_is_refused_in_every_spelling() {
        let store = "/nix/store/00000000000000000000000000000000-crick-api.toml";
        for dsn in [
            "postgresql://crick:s3cret@db.example.org/crick",
            "postgresql://:s3cret@db.example.org/crick",
            "postgresql://crick:%73ecret@db.example.org/crick",
            "postgresql:///crick?host=/run/postgresql&password=s3cret",
            "postgresql:///crick?host=/run/postgresql&%70assword=s3cret",
            "postgresql:///crick?%70%61%73%73%77%6f%72%64=s3cret",
            "host=/run/postgresql dbname=crick password=s3cret",
            "password = 's3 cret' host=/run/postgresql",
        ] {
            let refusal = refuse(dsn, store).expect_err(dsn).to_string();
            assert!(
                refusal.contains("services.crick-api.dsnFile"),
                "{dsn}: {refusal}"
            );
            assert!(!refusal.contains("cret"), "{dsn}: {refusal}");
            // Elsewhere the file's own mode decides who may read it.
            refuse(dsn, "/etc/crick-api/crick-api.toml").expect(dsn);
        }
        for dsn in [
            "sqlite:/var/lib/crick-api/crick.db",
            "postgresql://crick@localhost/crick?host=/run/postgresql",
        ] {
            refuse(dsn, store).expect(dsn);
        }
    }
}
