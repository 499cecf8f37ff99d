//! Every setting: its name, documentation, default, variable and bounds.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use serde::{Deserialize, Serialize};

use super::listen::Listen;
use super::number::{Bytes, Count, Seconds};
use super::registration::{AllowRule, RegistrationMode};

const HEADING: &str = "Settings (in descending priority: flags, the environment, \
    $CREDENTIALS_DIRECTORY, --config, defaults)";

/// The settings: the same names as flags, as variables of the environment, and in the TOML file.
///
/// To add one, add its field here and its row in `docs/settings.md`. A default that is not a
/// constant is described as `[default: …]`.
#[allow(rustdoc::bare_urls, reason = "clap prints the texts as they are")]
#[derive(Clone, Args, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
#[command(next_help_heading = HEADING)]
pub struct Settings {
    /// Where to listen when systemd passes no socket: ADDRESS:PORT or unix:/PATH. PORT in the
    /// environment means 0.0.0.0:$PORT
    #[arg(long, global = true, env = "CRICK_LISTEN")]
    #[arg(value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    pub listen: Listen,
    /// Where to serve Prometheus metrics when systemd passes no socket named metrics [default:
    /// nowhere]
    #[arg(long, global = true, env = "CRICK_METRICS_LISTEN")]
    #[arg(value_name = "ADDRESS")]
    pub metrics_listen: Option<Listen>,
    /// The database: sqlite:/PATH, postgresql://USER@HOST/NAME, or "host=… dbname=…" as in
    /// libpq [env: CRICK_DSN; credential: dsn] [default: a SQLite file in $STATE_DIRECTORY or
    /// ~/.local/share/crick-api]. A flag must not contain a password. sqlite::memory: is lost when
    /// the program ends
    #[arg(long, global = true, value_name = "URL")]
    pub dsn: Option<String>,
    /// A file that contains the address of the database [env: CRICK_DSN_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub dsn_file: Option<PathBuf>,
    /// Apply missing schema steps at the start [default: true on SQLite, false on PostgreSQL]
    #[arg(long, global = true, env = "CRICK_MIGRATE_ON_START")]
    #[arg(value_name = "BOOL")]
    pub migrate_on_start: Option<bool>,
    /// The path of Watson's routes; Watson's backend.url ends in it
    #[arg(long, global = true, env = "CRICK_WATSON_PATH")]
    #[arg(value_name = "PATH", default_value = "/watson")]
    pub watson_path: String,
    /// The maximum number of connections to the database [default: 4 per processor, at least 8]
    #[arg(long, global = true, env = "CRICK_DATABASE_CONNECTIONS")]
    #[arg(value_name = "COUNT", default_value_t = default_connections())]
    #[arg(hide_default_value = true)]
    pub database_connections: Count<1>,
    /// The maximum size of a push, in bytes
    #[arg(long, global = true, env = "CRICK_BULK_BODY_LIMIT")]
    #[arg(value_name = "BYTES", default_value = "33554432")]
    pub bulk_body_limit: Bytes<1>,
    /// The maximum size of any other request body, in bytes
    #[arg(long, global = true, env = "CRICK_BODY_LIMIT")]
    #[arg(value_name = "BYTES", default_value = "65536")]
    pub body_limit: Bytes<0>,
    /// The OpenID Connect issuer whose tokens are accepted, exactly as in their iss. AUTH0_DOMAIN
    /// in the environment means https://$AUTH0_DOMAIN/
    #[arg(long, global = true, env = "CRICK_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// The audience that the aud of a token must contain [env: also AUTH0_AUDIENCE]
    #[arg(long, global = true, env = "CRICK_OIDC_AUDIENCE", value_name = "TEXT")]
    pub oidc_audience: Option<String>,
    /// The address of the issuer's keys [env: also AUTH0_JWKS_URI] [default: from the
    /// discovery document]
    #[arg(long, global = true, env = "CRICK_OIDC_JWKS_URI", value_name = "URL")]
    pub oidc_jwks_uri: Option<String>,
    /// A file with the issuer's keys that fetch-jwks keeps up to date, so that the server needs no
    /// network for them
    #[arg(long, global = true, env = "CRICK_OIDC_JWKS_FILE", value_name = "FILE")]
    pub oidc_jwks_file: Option<PathBuf>,
    /// The address of user profiles, for tokens that contain no name [default: from the discovery
    /// document]
    #[arg(long, global = true, env = "CRICK_OIDC_USERINFO_URI")]
    #[arg(value_name = "URL")]
    pub oidc_userinfo_uri: Option<String>,
    /// The client identifier of this server at the issuer; with it, people can sign in at the
    /// dashboard
    #[arg(long, global = true, env = "CRICK_OIDC_CLIENT_ID", value_name = "TEXT")]
    pub oidc_client_id: Option<String>,
    /// A file with the secret of that client [credential: oidc-client-secret] [default: none, for a
    /// public client]
    #[arg(long, global = true, env = "CRICK_OIDC_CLIENT_SECRET_FILE")]
    #[arg(value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Who becomes a user by signing in: closed (nobody), allow-list or open
    #[arg(long, global = true, env = "CRICK_REGISTRATION")]
    #[arg(value_name = "WHO", default_value = "closed")]
    pub registration: RegistrationMode,
    /// The rules of allow-list, separated by commas: login:NAME, email:ADDRESS,
    /// email-domain:DOMAIN, claim:NAME=VALUE
    #[arg(long, global = true, env = "CRICK_REGISTRATION_ALLOW")]
    #[arg(value_name = "LIST", value_delimiter = ',')]
    pub registration_allow: Vec<AllowRule>,
    /// The origins of pages that may call the API from a browser, like https://app.example.org,
    /// separated by commas [env: also CORS_ALLOWED_ORIGINS]
    #[arg(long, global = true, env = "CRICK_CORS_ALLOWED_ORIGINS")]
    #[arg(value_name = "LIST", value_delimiter = ',')]
    pub cors_allowed_origins: Vec<String>,
    /// The maximum number of requests per minute with one token; 0 means no limit
    #[arg(long, global = true, env = "CRICK_RATE_LIMIT_TOKEN")]
    #[arg(value_name = "COUNT", default_value = "600")]
    pub rate_limit_token: Count<0>,
    /// The maximum number of requests per minute from one address; 0 means no limit. Behind a proxy
    /// on a Unix socket the address is the last one of X-Forwarded-For; a proxy that connects over
    /// TCP counts as one address
    #[arg(long, global = true, env = "CRICK_RATE_LIMIT_ADDRESS")]
    #[arg(value_name = "COUNT", default_value = "1200")]
    pub rate_limit_address: Count<0>,
    /// Whether to serve the dashboard
    #[arg(long, global = true, env = "CRICK_DASHBOARD", action = ArgAction::Set)]
    #[arg(value_name = "BOOL", default_value = "true")]
    pub dashboard: bool,
    /// How long a client may take to send the head of a request, and how long a connection may stay
    /// idle
    #[arg(long, global = true, env = "CRICK_HEADER_TIMEOUT")]
    #[arg(value_name = "SECONDS", default_value = "10")]
    pub header_timeout: Seconds<1>,
    /// How long a request may take, not counting the time while its body arrives (at least 4 KiB/s
    /// over any 30 seconds, for at most an hour)
    #[arg(long, global = true, env = "CRICK_REQUEST_TIMEOUT")]
    #[arg(value_name = "SECONDS", default_value = "60")]
    pub request_timeout: Seconds<1>,
    /// How long open connections may still send a request after the signal to stop; longer than a
    /// proxy keeps idle connections
    #[arg(long, global = true, env = "CRICK_DRAIN_GRACE")]
    #[arg(value_name = "SECONDS", default_value = "10")]
    pub drain_grace: Seconds<0>,
    /// How long requests may still take after drain_grace
    #[arg(long, global = true, env = "CRICK_DRAIN_DEADLINE")]
    #[arg(value_name = "SECONDS", default_value = "60")]
    pub drain_deadline: Seconds<0>,
    /// Which log lines to show: a level, or targets with levels like info,sqlx=debug, which shows
    /// SQL without its values
    #[arg(long, global = true, env = "CRICK_LOG")]
    #[arg(value_name = "FILTER", default_value = "info")]
    pub log: String,
    /// How log lines look; auto is json in the systemd journal, else human
    #[arg(long, global = true, env = "CRICK_LOG_FORMAT")]
    #[arg(value_name = "FORMAT", default_value = "auto")]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// JSON if standard error is the systemd journal, else text.
    Auto,
    /// Text.
    Human,
    /// One JSON object per line.
    Json,
}

fn default_connections() -> Count<1> {
    let processors = std::thread::available_parallelism().map_or(2, |count| count.get() as u64);
    Count::clamped((4 * processors).max(8))
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::*;

    /// The row of a setting in `docs/settings.md`.
    fn row(setting: &Arg) -> String {
        let name = setting.get_id().as_str();
        let variable = format!("CRICK_{}", name.to_uppercase());
        // Clap would show the value of `CRICK_DSN`, so it does not know about that variable.
        assert!(
            setting.get_env().is_none_or(|env| env == &*variable),
            "{name}"
        );
        let help = setting.get_long_help().or(setting.get_help());
        let help = help.map(ToString::to_string).unwrap_or_default();
        let (meaning, default) = match help.split_once(" [default: ") {
            Some((before, rest)) => {
                let (default, after) = rest.split_once(']').expect("a closing bracket");
                (format!("{before}{after}"), default.to_owned())
            }
            None => {
                let values = setting.get_default_values().iter();
                let default: Vec<_> = values
                    .map(|value| format!("`{}`", value.display()))
                    .collect();
                (help, default.concat())
            }
        };
        let default = if default.is_empty() { "none" } else { &default };
        format!("| `{name}` | `{variable}` | {default} | {meaning} |")
    }

    #[test]
    fn every_setting_has_its_row_in_the_documentation() {
        let command = Settings::augment_args(Command::new("settings"));
        let rows: Vec<String> = command.get_arguments().map(row).collect();
        let page = include_str!("../../docs/settings.md");
        let documented: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("| `"))
            .collect();
        assert!(
            documented == rows,
            "docs/settings.md differs from src/config/settings.rs; its table must be:\n{}",
            rows.join("\n")
        );
    }
}
