//! The issuer whose JSON web tokens are accepted.

use std::path::PathBuf;

use url::{Host, Url};

use super::error::{ConfigError, invalid};
use super::settings::Settings;

/// An issuer of JSON web tokens, as OpenID Connect describes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// Its name, exactly as in the claim `iss`; usually an `https` URL.
    pub issuer: String,
    /// The audience that the claim `aud` must contain.
    pub audience: String,
    /// Where its keys are.
    pub keys: KeySource,
    /// The address of its keys, also if `keys` is a file; `None` means that discovery names it.
    pub published: Option<Url>,
    /// The address of user profiles; `None` means that discovery names it.
    pub userinfo: Option<Url>,
    /// The client for signing in with a browser.
    pub client: Option<OidcClient>,
}

/// This server as a client of the issuer (RFC 6749, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcClient {
    /// The client identifier, which is public.
    pub id: String,
    /// The file with the client's secret, read at each sign-in; `None` means a public client.
    pub secret_file: Option<PathBuf>,
}

/// The source of an issuer's keys (its JWKS, RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// The address that `<issuer>/.well-known/openid-configuration` names.
    Discovery,
    /// This address.
    Uri(Url),
    /// This file, for servers without a network. It is read again when it changes.
    File(PathBuf),
}

impl Oidc {
    /// The same issuer, with the keys that it publishes instead of a file.
    #[must_use]
    pub fn publisher(&self) -> Self {
        Self {
            keys: self
                .published
                .clone()
                .map_or(KeySource::Discovery, KeySource::Uri),
            ..self.clone()
        }
    }

    /// Checks an address of an issuer: `https`, or `http` on this machine; without a password.
    pub fn check_url(url: &Url) -> Result<(), String> {
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("an address of an issuer must hold no name or password".to_owned());
        }
        match url.scheme() {
            "https" => Ok(()),
            "http" if is_loopback => Ok(()),
            _ => Err(format!(
                "{url} must begin with https://; http:// is for addresses on this machine"
            )),
        }
    }
}

/// Reads the settings `oidc_…`, and normalizes their URLs. Returns `None` without an issuer.
pub(super) fn resolve(settings: &mut Settings) -> Result<Option<Oidc>, ConfigError> {
    let Some(issuer) = settings.oidc_issuer.clone() else {
        let dependent = [
            ("oidc_audience", settings.oidc_audience.is_some()),
            ("oidc_jwks_uri", settings.oidc_jwks_uri.is_some()),
            ("oidc_jwks_file", settings.oidc_jwks_file.is_some()),
            ("oidc_userinfo_uri", settings.oidc_userinfo_uri.is_some()),
            ("oidc_client_id", settings.oidc_client_id.is_some()),
            (
                "oidc_client_secret_file",
                settings.oidc_client_secret_file.is_some(),
            ),
        ];
        return match dependent.into_iter().find(|(_, is_set)| *is_set) {
            Some((name, _)) => Err(invalid(name, "needs oidc_issuer, whose tokens it is about")),
            None => Ok(None),
        };
    };
    let audience = settings.oidc_audience.clone();
    let audience = audience.filter(|text| !text.is_empty()).ok_or_else(|| {
        let problem = "is missing; without it tokens made for other services would be accepted";
        invalid("oidc_audience", problem)
    })?;
    let published = parse_url("oidc_jwks_uri", &mut settings.oidc_jwks_uri)?;
    // Discovery is needed for the keys, and for signing in at the dashboard.
    if published.is_none() || settings.oidc_client_id.is_some() {
        parse_url("oidc_issuer", &mut Some(issuer.clone()))?;
    }
    let keys = match &settings.oidc_jwks_file {
        Some(file) => KeySource::File(file.clone()),
        None => published
            .clone()
            .map_or(KeySource::Discovery, KeySource::Uri),
    };
    Ok(Some(Oidc {
        issuer,
        audience,
        keys,
        published,
        userinfo: parse_url("oidc_userinfo_uri", &mut settings.oidc_userinfo_uri)?,
        client: client(settings)?,
    }))
}

fn client(settings: &Settings) -> Result<Option<OidcClient>, ConfigError> {
    let secret_file = settings.oidc_client_secret_file.clone();
    match settings.oidc_client_id.clone() {
        Some(id) if id.is_empty() => Err(invalid("oidc_client_id", "is empty")),
        Some(id) => Ok(Some(OidcClient { id, secret_file })),
        None if secret_file.is_some() => Err(invalid(
            "oidc_client_secret_file",
            "needs oidc_client_id, whose secret it holds",
        )),
        None => Ok(None),
    }
}

fn parse_url(name: &'static str, text: &mut Option<String>) -> Result<Option<Url>, ConfigError> {
    let Some(text) = text else { return Ok(None) };
    let url = Url::parse(text);
    let url = url.map_err(|_| invalid(name, "is not a URL, like https://issuer.example.org/"))?;
    Oidc::check_url(&url).map_err(|problem| invalid(name, &problem))?;
    *text = url.to_string();
    Ok(Some(url))
}
