//! The settings as they are given, each optional: the same names as flags, in the environment and in the TOML file.

use std::path::PathBuf;

use clap::Args;
use serde::Deserialize;

use super::{Allowed, Listen, LogFormat, Registration};

/// Reads a number of the command line or the environment.
pub(crate) fn whole_number<T: TryFrom<u64>>(text: &str) -> Result<T, &'static str> {
    let number: u64 = text.parse().map_err(|_| "expected a whole number")?;
    number.try_into().map_err(|_| "the number is too large")
}

/// What one source says. Two are joined with [`Settings::or`].
#[derive(Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields)]
#[command(
    next_help_heading = "Settings (flags win over the environment, then $CREDENTIALS_DIRECTORY, --config, defaults)"
)]
pub struct Settings {
    /// Where to listen when systemd passes no socket: ADDRESS:PORT or unix:/PATH [default: 127.0.0.1:7878; PORT in the
    /// environment is 0.0.0.0:$PORT]
    #[arg(long, global = true, env = "CRICK_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<Listen>,
    /// Where to serve Prometheus metrics when systemd passes no socket named metrics [default: nowhere]
    #[arg(
        long,
        global = true,
        env = "CRICK_METRICS_LISTEN",
        value_name = "ADDRESS"
    )]
    pub metrics_listen: Option<Listen>,
    /// The database: sqlite:/PATH or postgresql://USER@HOST/NAME [env: CRICK_DSN; credential: dsn] [default: a SQLite
    /// file in $STATE_DIRECTORY or ~/.local/share/crick-api]. As a flag it must not hold a password
    #[arg(long, global = true, value_name = "URL")]
    pub dsn: Option<String>,
    /// A file that holds the database's address [env: CRICK_DSN_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub dsn_file: Option<PathBuf>,
    /// Apply missing schema steps at the start [default: true on SQLite, false on PostgreSQL]
    #[arg(
        long,
        global = true,
        env = "CRICK_MIGRATE_ON_START",
        value_name = "BOOL"
    )]
    pub migrate_on_start: Option<bool>,
    /// The address under which Watson finds its routes; backend.url ends in it [default: /watson]
    #[arg(long, global = true, env = "CRICK_WATSON_PATH", value_name = "PATH")]
    pub watson_path: Option<String>,
    /// The most connections to the database [default: 4 per processor, at least 8]
    #[arg(
        long,
        global = true,
        env = "CRICK_DATABASE_CONNECTIONS",
        value_name = "COUNT",
        value_parser = whole_number::<u32>
    )]
    pub database_connections: Option<u32>,
    /// The largest body of a push, in bytes [default: 33554432]
    #[arg(
        long,
        global = true,
        env = "CRICK_BULK_BODY_LIMIT",
        value_name = "BYTES",
        value_parser = whole_number::<usize>
    )]
    pub bulk_body_limit: Option<usize>,
    /// The largest body of any other request, in bytes [default: 65536]
    #[arg(long, global = true, env = "CRICK_BODY_LIMIT", value_name = "BYTES",
        value_parser = whole_number::<usize>
    )]
    pub body_limit: Option<usize>,
    /// The OpenID Connect issuer whose tokens are accepted, exactly as in their iss; AUTH0_DOMAIN in the environment is
    /// https://$AUTH0_DOMAIN/ [default: none]
    #[arg(long, global = true, env = "CRICK_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<String>,
    /// What must be among a token's aud [env: also AUTH0_AUDIENCE]
    #[arg(long, global = true, env = "CRICK_OIDC_AUDIENCE", value_name = "TEXT")]
    pub oidc_audience: Option<String>,
    /// Where the issuer's keys are [env: also AUTH0_JWKS_URI] [default: where its discovery document says]
    #[arg(long, global = true, env = "CRICK_OIDC_JWKS_URI", value_name = "URL")]
    pub oidc_jwks_uri: Option<String>,
    /// A file with the issuer's keys, kept up to date with fetch-jwks; the server then needs no network for them
    #[arg(long, global = true, env = "CRICK_OIDC_JWKS_FILE", value_name = "FILE")]
    pub oidc_jwks_file: Option<PathBuf>,
    /// Where to ask for the profile of somebody whose token does not hold a name [default: where the discovery
    /// document says]
    #[arg(
        long,
        global = true,
        env = "CRICK_OIDC_USERINFO_URI",
        value_name = "URL"
    )]
    pub oidc_userinfo_uri: Option<String>,
    /// What the issuer calls this server: people then sign in with the issuer at the dashboard, too [default: none]
    #[arg(long, global = true, env = "CRICK_OIDC_CLIENT_ID", value_name = "TEXT")]
    pub oidc_client_id: Option<String>,
    /// A file with the secret that goes with it [credential: oidc-client-secret] [default: a client without one]
    #[arg(
        long,
        global = true,
        env = "CRICK_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE"
    )]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// Who becomes a user by signing in: closed (nobody), allow-list or open [default: closed]
    #[arg(long, global = true, env = "CRICK_REGISTRATION", value_name = "WHO")]
    pub registration: Option<Registration>,
    /// Who may, with allow-list: login:NAME, email:ADDRESS, email-domain:DOMAIN, claim:NAME=VALUE, with commas between them
    #[arg(
        long,
        global = true,
        env = "CRICK_REGISTRATION_ALLOW",
        value_delimiter = ',',
        value_name = "LIST"
    )]
    pub registration_allow: Option<Vec<Allowed>>,
    /// The pages that may call the API from a browser, like `https://app.example.org`, with commas between them
    /// [env: also CORS_ALLOWED_ORIGINS] [default: none]
    #[arg(
        long,
        global = true,
        env = "CRICK_CORS_ALLOWED_ORIGINS",
        value_delimiter = ',',
        value_name = "LIST"
    )]
    pub cors_allowed_origins: Option<Vec<String>>,
    /// Requests a minute by one device or person, 0 for no limit [default: 600]
    #[arg(
        long,
        global = true,
        env = "CRICK_RATE_LIMIT_TOKEN",
        value_name = "COUNT",
        value_parser = whole_number::<u32>
    )]
    pub rate_limit_token: Option<u32>,
    /// Requests a minute from one address, 0 for no limit. Behind a proxy on a Unix socket that is the last address of
    /// X-Forwarded-For; a proxy that connects over TCP counts as one address [default: 1200]
    #[arg(
        long,
        global = true,
        env = "CRICK_RATE_LIMIT_ADDRESS",
        value_name = "COUNT",
        value_parser = whole_number::<u32>
    )]
    pub rate_limit_address: Option<u32>,
    /// Whether there are pages for people who look at their time in a browser [default: true]
    #[arg(long, global = true, env = "CRICK_DASHBOARD", value_name = "BOOL")]
    pub dashboard: Option<bool>,
    /// How long a client may take to send a request's head, and how long an idle connection is kept [default: 10]
    #[arg(
        long,
        global = true,
        env = "CRICK_HEADER_TIMEOUT",
        value_name = "SECONDS",
        value_parser = whole_number::<u64>
    )]
    pub header_timeout: Option<u64>,
    /// How long a request may take in all [default: 60]
    #[arg(
        long,
        global = true,
        env = "CRICK_REQUEST_TIMEOUT",
        value_name = "SECONDS",
        value_parser = whole_number::<u64>
    )]
    pub request_timeout: Option<u64>,
    /// After the signal to stop: how long open connections may still bring a request; behind a proxy that keeps
    /// connections, longer than it does [default: 10]
    #[arg(long, global = true, env = "CRICK_DRAIN_GRACE", value_name = "SECONDS",
        value_parser = whole_number::<u64>
    )]
    pub drain_grace: Option<u64>,
    /// How long requests may still take after that [default: 60]
    #[arg(
        long,
        global = true,
        env = "CRICK_DRAIN_DEADLINE",
        value_name = "SECONDS",
        value_parser = whole_number::<u64>
    )]
    pub drain_deadline: Option<u64>,
    /// Which log lines are shown, for instance info or info,sqlx=debug [default: info]
    #[arg(long, global = true, env = "CRICK_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// How log lines look [default: auto, which is json in the systemd journal]
    #[arg(long, global = true, env = "CRICK_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
}

impl Settings {
    /// What `self` says, and what `lower` says where `self` is silent. The two ways to name the database count as one.
    #[must_use]
    pub fn or(self, lower: Self) -> Self {
        let names_database = self.dsn.is_some() || self.dsn_file.is_some();
        let (lower_dsn, lower_dsn_file) = if names_database {
            (None, None)
        } else {
            (lower.dsn, lower.dsn_file)
        };
        Self {
            listen: self.listen.or(lower.listen),
            metrics_listen: self.metrics_listen.or(lower.metrics_listen),
            dsn: self.dsn.or(lower_dsn),
            dsn_file: self.dsn_file.or(lower_dsn_file),
            migrate_on_start: self.migrate_on_start.or(lower.migrate_on_start),
            watson_path: self.watson_path.or(lower.watson_path),
            database_connections: self.database_connections.or(lower.database_connections),
            bulk_body_limit: self.bulk_body_limit.or(lower.bulk_body_limit),
            body_limit: self.body_limit.or(lower.body_limit),
            oidc_issuer: self.oidc_issuer.or(lower.oidc_issuer),
            oidc_audience: self.oidc_audience.or(lower.oidc_audience),
            oidc_jwks_uri: self.oidc_jwks_uri.or(lower.oidc_jwks_uri),
            oidc_jwks_file: self.oidc_jwks_file.or(lower.oidc_jwks_file),
            oidc_userinfo_uri: self.oidc_userinfo_uri.or(lower.oidc_userinfo_uri),
            oidc_client_id: self.oidc_client_id.or(lower.oidc_client_id),
            oidc_client_secret_file: self
                .oidc_client_secret_file
                .or(lower.oidc_client_secret_file),
            registration: self.registration.or(lower.registration),
            registration_allow: self.registration_allow.or(lower.registration_allow),
            cors_allowed_origins: self.cors_allowed_origins.or(lower.cors_allowed_origins),
            rate_limit_token: self.rate_limit_token.or(lower.rate_limit_token),
            rate_limit_address: self.rate_limit_address.or(lower.rate_limit_address),
            dashboard: self.dashboard.or(lower.dashboard),
            header_timeout: self.header_timeout.or(lower.header_timeout),
            request_timeout: self.request_timeout.or(lower.request_timeout),
            drain_grace: self.drain_grace.or(lower.drain_grace),
            drain_deadline: self.drain_deadline.or(lower.drain_deadline),
            log: self.log.or(lower.log),
            log_format: self.log_format.or(lower.log_format),
        }
    }
}
