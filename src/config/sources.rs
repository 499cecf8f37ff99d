//! The sources of settings, each read as a TOML table with the settings' names.

use std::env::VarError;
use std::io::ErrorKind;
use std::path::Path;

use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches as _};
use toml::{Table, Value};

use super::error::{ConfigError, invalid};
use super::settings::Settings;
use crate::input;
use crate::store::Dsn;

/// Reads the settings from layers; a later layer has priority.
pub(super) fn merge(layers: &[Table]) -> Result<Settings, String> {
    let mut merged = Table::new();
    for layer in layers {
        // Both name the database.
        if layer.contains_key("dsn") || layer.contains_key("dsn_file") {
            merged.remove("dsn");
            merged.remove("dsn_file");
        }
        merged.extend(layer.clone());
    }
    input::read_value(merged).map_err(|error| error.to_string())
}

/// The settings that are set, as a table.
pub(super) fn table(settings: &Settings) -> Result<Table, ConfigError> {
    Table::try_from(settings).map_err(|error| ConfigError::Unmergeable(error.to_string()))
}

/// What clap read from flags and variables, and its defaults.
pub(super) fn flags(matches: &ArgMatches) -> Result<(Table, Table), ConfigError> {
    let settings = Settings::from_arg_matches(matches).unwrap_or_else(|error| error.exit());
    let is_given = |name: &str| {
        let source = matches.value_source(name);
        source.is_some_and(|source| source != ValueSource::DefaultValue)
    };
    let all = table(&settings)?.into_iter();
    let (flags, defaults): (Table, Table) =
        all.partition(|(name, _): &(String, Value)| is_given(name));
    refuse_password_in_argv(&flags)?;
    Ok((flags, defaults))
}

fn refuse_password_in_argv(flags: &Table) -> Result<(), ConfigError> {
    if !has_password(flags) {
        return Ok(());
    }
    Err(invalid(
        "--dsn",
        "a password on the command line can be read by every user of this machine; \
         use CRICK_DSN, --dsn-file or a credential named dsn",
    ))
}

fn has_password(settings: &Table) -> bool {
    let dsn = settings.get("dsn").and_then(Value::as_str);
    dsn.is_some_and(|dsn| Dsn::parse(dsn).is_ok_and(|dsn| dsn.has_password()))
}

/// The variables that clap does not read: those of the first Crick, and the database's address,
/// which the help would show.
pub(super) fn environment() -> Result<Table, ConfigError> {
    let mut table = Table::new();
    let mut put = |name: &str, value: Option<Value>| {
        table.extend(value.map(|value| (name.to_owned(), value)));
    };
    // An empty value is an error, because it is probably a secret that is missing.
    put("dsn", text_of("CRICK_DSN")?.map(Value::from));
    put("dsn_file", text_of("CRICK_DSN_FILE")?.map(Value::from));
    let port = variable("PORT")?.map(|text| text.parse::<u16>());
    let port = port.transpose();
    let port = port.map_err(|_| invalid("PORT", "is not a port number"))?;
    put("listen", port.map(|port| format!("0.0.0.0:{port}").into()));
    let domain = variable("AUTH0_DOMAIN")?;
    let issuer = domain.map(|domain| format!("https://{domain}/").into());
    put("oidc_issuer", issuer);
    put(
        "oidc_audience",
        variable("AUTH0_AUDIENCE")?.map(Value::from),
    );
    put(
        "oidc_jwks_uri",
        variable("AUTH0_JWKS_URI")?.map(Value::from),
    );
    let origins = variable("CORS_ALLOWED_ORIGINS")?;
    let origins = origins.map(|list| list.split(',').map(str::trim).collect::<Vec<_>>().into());
    put("cors_allowed_origins", origins);
    Ok(table)
}

/// The files of systemd's `LoadCredential=`.
pub(super) fn credentials() -> Result<Table, ConfigError> {
    let mut table = Table::new();
    let Some(folder) = variable("CREDENTIALS_DIRECTORY")? else {
        return Ok(table);
    };
    match read_line("the credential", &Path::new(&folder).join("dsn")) {
        Err(ConfigError::Unreadable { cause, .. }) if cause.kind() == ErrorKind::NotFound => {}
        dsn => drop(table.insert("dsn".to_owned(), dsn?.into())),
    }
    let client_secret = format!("{folder}/oidc-client-secret");
    if Path::new(&client_secret).exists() {
        table.insert("oidc_client_secret_file".to_owned(), client_secret.into());
    }
    Ok(table)
}

/// The settings file.
pub(super) fn file(path: &Path) -> Result<Table, ConfigError> {
    let text = read("the settings file", path)?;
    let table: Table = toml::from_str(&text).map_err(|error: toml::de::Error| {
        // The line may contain a password, so it is not quoted.
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.map_or(1, |before| 1 + before.matches('\n').count());
        ConfigError::Toml {
            path: path.to_owned(),
            problem: format!("syntax error in line {line}"),
        }
    })?;
    refuse_password_in_store(&table, path)?;
    Ok(table)
}

/// The NixOS module checks its settings file while the system is built. That file is in the Nix
/// store, which every user can read.
fn refuse_password_in_store(settings: &Table, file: &Path) -> Result<(), ConfigError> {
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    if !has_password(settings) || !file.starts_with("/nix/store") {
        return Ok(());
    }
    Err(invalid(
        "dsn",
        "holds a password, which every user of this machine can read in the Nix store; \
         write the address to a file that only root can read and set services.crick-api.dsnFile \
         to its path",
    ))
}

fn read(what: &'static str, path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable {
        what,
        path: path.to_owned(),
        cause,
    })
}

/// Reads a file that contains one value, without the line break at its end.
pub(super) fn read_line(what: &'static str, path: &Path) -> Result<String, ConfigError> {
    Ok(read(what, path)?.trim_end_matches(['\n', '\r']).to_owned())
}

/// A variable of the environment. An empty one counts as unset.
pub(super) fn variable(name: &'static str) -> Result<Option<String>, ConfigError> {
    Ok(text_of(name)?.filter(|value| !value.is_empty()))
}

fn text_of(name: &'static str) -> Result<Option<String>, ConfigError> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(invalid(name, "is not UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuse(dsn: &str, file: &str) -> Result<(), ConfigError> {
        let settings = Table::from_iter([("dsn".to_owned(), dsn.into())]);
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
