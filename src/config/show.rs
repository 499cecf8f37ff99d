//! The settings in force, as a file would say them.

use std::time::Duration;

use toml::{Table, Value};

use super::{Access, Config, KeySource, LogFormat, Oidc, Registration};

impl Config {
    /// The settings that are in force, as a TOML file would say them. The database's password is hidden.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut table = Table::new();
        let mut put = |name: &str, value: Value| table.insert(name.to_owned(), value);
        put("listen", self.listen.to_string().into());
        if let Some(listen) = &self.metrics_listen {
            put("metrics_listen", listen.to_string().into());
        }
        put("dsn", self.dsn.to_string().into());
        put("migrate_on_start", self.migrate_on_start.into());
        put("watson_path", self.watson_path.clone().into());
        put(
            "database_connections",
            i64::from(self.database_connections).into(),
        );
        put("bulk_body_limit", bytes(self.bulk_body_limit));
        put("body_limit", bytes(self.body_limit));
        put("dashboard", self.dashboard.into());
        put("header_timeout", seconds(self.header_timeout));
        put("request_timeout", seconds(self.request_timeout));
        put("drain_grace", seconds(self.drain_grace));
        put("drain_deadline", seconds(self.drain_deadline));
        put("log", self.log.clone().into());
        let format = match self.log_format {
            LogFormat::Auto => "auto",
            LogFormat::Human => "human",
            LogFormat::Json => "json",
        };
        put("log_format", format.into());
        if let Some(oidc) = &self.oidc {
            table.extend(oidc_settings(oidc));
        }
        table.extend(access_settings(&self.access));
        table.to_string()
    }
}

fn oidc_settings(oidc: &Oidc) -> Table {
    let mut table = Table::new();
    let mut put = |name: &str, value: String| table.insert(name.to_owned(), value.into());
    put("oidc_issuer", oidc.issuer.clone());
    put("oidc_audience", oidc.audience.clone());
    if let Some(uri) = &oidc.published {
        put("oidc_jwks_uri", uri.to_string());
    }
    if let KeySource::File(file) = &oidc.keys {
        put("oidc_jwks_file", file.display().to_string());
    }
    if let Some(uri) = &oidc.userinfo {
        put("oidc_userinfo_uri", uri.to_string());
    }
    if let Some(client) = &oidc.client {
        put("oidc_client_id", client.id.clone());
        if let Some(file) = &client.secret_file {
            put("oidc_client_secret_file", file.display().to_string());
        }
    }
    table
}

fn access_settings(access: &Access) -> Table {
    let list = |texts: Vec<String>| Value::Array(texts.into_iter().map(Value::String).collect());
    let registration = match access.registration {
        Registration::Closed => "closed",
        Registration::AllowList => "allow-list",
        Registration::Open => "open",
    };
    let allowed = access.registration_allow.iter().map(ToString::to_string);
    let settings: [(&str, Value); 5] = [
        ("registration", registration.into()),
        ("registration_allow", list(allowed.collect())),
        (
            "cors_allowed_origins",
            list(access.cors_allowed_origins.clone()),
        ),
        (
            "rate_limit_token",
            i64::from(access.rate_limit_token).into(),
        ),
        (
            "rate_limit_address",
            i64::from(access.rate_limit_address).into(),
        ),
    ];
    settings
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn bytes(count: usize) -> Value {
    i64::try_from(count).unwrap_or(i64::MAX).into()
}

fn seconds(time: Duration) -> Value {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX).into()
}
