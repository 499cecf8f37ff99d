//! Who becomes a user by signing in.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::error::{ConfigError, invalid};

/// Whether a person whom the issuer knows, but the server does not, becomes a user by signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationMode {
    /// No: the operator adds every user.
    Closed,
    /// If an entry of `registration_allow` matches.
    AllowList,
    /// Yes.
    Open,
}

/// Who becomes a user by signing in, with the rules of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registration {
    /// No one: the operator adds every user.
    Closed,
    /// People who match one of these rules.
    AllowList(Vec<AllowRule>),
    /// Everyone whom the issuer knows.
    Open,
}

impl Registration {
    pub(super) fn resolve(
        mode: RegistrationMode,
        rules: &[AllowRule],
    ) -> Result<Self, ConfigError> {
        match mode {
            RegistrationMode::Closed => Ok(Self::Closed),
            RegistrationMode::Open => Ok(Self::Open),
            RegistrationMode::AllowList if rules.is_empty() => Err(invalid(
                "registration_allow",
                "is empty, so no one could register; add a rule, or set registration to closed",
            )),
            RegistrationMode::AllowList => Ok(Self::AllowList(rules.to_vec())),
        }
    }
}

/// An entry of `registration_allow`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub enum AllowRule {
    /// `login:ada`: the claim `preferred_username`, for issuers whose users cannot choose it.
    Login(String),
    /// `email:ada@example.org`: the verified address.
    Email(String),
    /// `email-domain:example.org`: the domain of the verified address.
    EmailDomain(String),
    /// `claim:groups=staff`: a claim that has this value, or a list that contains it.
    Claim {
        /// The claim's name.
        name: String,
        /// The value.
        value: String,
    },
}

impl FromStr for AllowRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rule = match text.split_once(':') {
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
        rule.ok_or_else(|| {
            format!(
                "{text} is none of login:NAME, email:ADDRESS, email-domain:DOMAIN and \
                 claim:NAME=VALUE"
            )
        })
    }
}

impl TryFrom<String> for AllowRule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for AllowRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login(login) => write!(f, "login:{login}"),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::EmailDomain(domain) => write!(f, "email-domain:{domain}"),
            Self::Claim { name, value } => write!(f, "claim:{name}={value}"),
        }
    }
}

impl From<AllowRule> for String {
    fn from(rule: AllowRule) -> Self {
        rule.to_string()
    }
}
