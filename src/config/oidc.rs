//! The OpenID Connect issuer whose tokens are accepted.

use std::path::PathBuf;

use url::Url;

use super::resolve::invalid;
use super::{ConfigError, Settings};

/// Whose tokens are accepted, and how they are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// The `iss` of its tokens, exactly.
    pub issuer: String,
    /// Must be among a token's `aud`.
    pub audience: String,
    /// Where its keys come from.
    pub keys: KeySource,
    /// Where a person's profile is asked for at their first login, when their token does not hold it; none: where
    /// discovery says, or nowhere if there is none.
    pub userinfo: Option<Url>,
}

/// Where an issuer's keys (JWKS, RFC 7517) come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The issuer's discovery document says where.
    Discovery,
    /// A URL.
    Uri(Url),
    /// A file that somebody else keeps up to date.
    File(PathBuf),
}

/// Reads the settings `oidc_…`; none when there is no issuer.
pub(super) fn resolve(settings: &Settings) -> Result<Option<Oidc>, ConfigError> {
    let Some(issuer) = settings.oidc_issuer.clone() else {
        let orphan = [
            ("oidc_audience", settings.oidc_audience.is_some()),
            ("oidc_jwks_uri", settings.oidc_jwks_uri.is_some()),
            ("oidc_jwks_file", settings.oidc_jwks_file.is_some()),
            ("oidc_userinfo_uri", settings.oidc_userinfo_uri.is_some()),
        ];
        return match orphan.into_iter().find(|(_, is_set)| *is_set) {
            Some((name, _)) => Err(invalid(name, "needs oidc_issuer, whose tokens it is about")),
            None => Ok(None),
        };
    };
    https("oidc_issuer", &issuer)?;
    let audience = settings.oidc_audience.clone();
    let audience = audience.filter(|text| !text.is_empty()).ok_or_else(|| {
        invalid(
            "oidc_audience",
            "is missing; without it tokens made for other services would be accepted",
        )
    })?;
    let keys = match (&settings.oidc_jwks_uri, &settings.oidc_jwks_file) {
        (Some(_), Some(_)) => {
            return Err(invalid(
                "oidc_jwks_uri",
                "is given beside oidc_jwks_file; keep one",
            ));
        }
        (Some(uri), None) => KeySource::Uri(https("oidc_jwks_uri", uri)?),
        (None, Some(file)) => KeySource::File(file.clone()),
        (None, None) => KeySource::Discovery,
    };
    let userinfo = settings.oidc_userinfo_uri.as_deref();
    let userinfo = userinfo.map(|uri| https("oidc_userinfo_uri", uri));
    Ok(Some(Oidc {
        issuer,
        audience,
        keys,
        userinfo: userinfo.transpose()?,
    }))
}

/// A URL that nobody on the way can change the answer of.
fn https(name: &'static str, text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text).map_err(|error| invalid(name, &error.to_string()))?;
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback) {
        return Ok(url);
    }
    Err(invalid(name, "must begin with https://"))
}
