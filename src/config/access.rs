//! What the web API lets whom do: who may register, which pages may call it, how often.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use url::Url;

use super::resolve::invalid;
use super::{ConfigError, Settings};

/// Whether somebody whom the issuer knows, but the server does not, becomes a user by asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Registration {
    /// No: the operator makes every user.
    Closed,
    /// Those who are listed.
    AllowList,
    /// Everybody.
    Open,
}

/// Who is listed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum Allowed {
    /// `login:ada`: whom the issuer calls so in `preferred_username`; for issuers where nobody chooses that themselves.
    Login(String),
    /// `email:ada@example.org`: whose verified address it is.
    Email(String),
    /// `email-domain:example.org`: who has a verified address there.
    EmailDomain(String),
    /// `claim:groups=staff`: whose token has this value in that claim, or in the list that it is.
    Claim {
        /// Its name.
        name: String,
        /// The value.
        value: String,
    },
}

impl FromStr for Allowed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = match text.split_once(':') {
            Some(("login", login)) if !login.is_empty() => Some(Self::Login(login.to_owned())),
            Some(("email", address)) if address.contains('@') => {
                Some(Self::Email(address.to_lowercase()))
            }
            Some(("email-domain", domain)) if !domain.is_empty() && !domain.contains('@') => {
                Some(Self::EmailDomain(domain.to_lowercase()))
            }
            Some(("claim", claim)) => claim.split_once('=').map(|(name, value)| Self::Claim {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => None,
        };
        parsed.ok_or_else(|| {
            format!(
                "{text} is none of login:NAME, email:ADDRESS, email-domain:DOMAIN and claim:NAME=VALUE"
            )
        })
    }
}

impl TryFrom<String> for Allowed {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login(login) => write!(f, "login:{login}"),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::EmailDomain(domain) => write!(f, "email-domain:{domain}"),
            Self::Claim { name, value } => write!(f, "claim:{name}={value}"),
        }
    }
}

impl From<Allowed> for String {
    fn from(allowed: Allowed) -> Self {
        allowed.to_string()
    }
}

/// What the web API lets whom do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who becomes a user by asking.
    pub registration: Registration,
    /// The list of those who do.
    pub registration_allow: Vec<Allowed>,
    /// The pages that may call the API from a browser, as browsers name them: `https://app.example.org`.
    pub cors_allowed_origins: Vec<String>,
    /// Requests a minute by one device or person; 0: no limit.
    pub rate_limit_token: u32,
    /// Requests a minute from one address; 0: no limit.
    pub rate_limit_address: u32,
}

/// Reads these settings.
pub(super) fn resolve(settings: &Settings) -> Result<Access, ConfigError> {
    let access = Access {
        registration: settings.registration.unwrap_or(Registration::Closed),
        registration_allow: settings.registration_allow.clone().unwrap_or_default(),
        cors_allowed_origins: settings.cors_allowed_origins.clone().unwrap_or_default(),
        rate_limit_token: settings.rate_limit_token.unwrap_or(600),
        rate_limit_address: settings.rate_limit_address.unwrap_or(1_200),
    };
    if access.registration == Registration::AllowList && access.registration_allow.is_empty() {
        return Err(invalid(
            "registration_allow",
            "is empty, so that allow-list lets nobody register; name somebody, or say closed",
        ));
    }
    for origin in &access.cors_allowed_origins {
        let is_origin = Url::parse(origin).is_ok_and(|url| {
            url.origin().is_tuple() && url.origin().ascii_serialization() == *origin
        });
        if !is_origin {
            return Err(invalid(
                "cors_allowed_origins",
                &format!("{origin} is not an origin, like https://app.example.org"),
            ));
        }
    }
    Ok(access)
}
