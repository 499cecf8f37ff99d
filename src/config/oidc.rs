//! Whose JSON web tokens are believed.

use std::path::PathBuf;

use url::{Host, Url};

use super::resolve::invalid;
use super::{ConfigError, Settings};

/// An issuer of JSON web tokens, as OpenID Connect describes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// Its name, exactly as in the claim `iss`, slash at the end or not; usually an `https` URL.
    pub issuer: String,
    /// Our name, which must be among those in the claim `aud`.
    pub audience: String,
    /// Where its keys are.
    pub keys: KeySource,
    /// Where it publishes them, for those who keep a file of keys up to date; none: where discovery says.
    pub published: Option<Url>,
    /// Where it tells about the bearer of a token; none: what discovery says.
    pub userinfo: Option<Url>,
    /// How people sign in with it in a browser; none: they do not.
    pub client: Option<OidcClient>,
}

/// What the issuer knows this server as, when it sends people to the issuer to sign in (RFC 6749, section 2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcClient {
    /// The client identifier, which is no secret.
    pub id: String,
    /// The file with the client's secret, read whenever somebody signs in; none: a public client.
    pub secret_file: Option<PathBuf>,
}

/// Where the keys of an issuer (its JWKS, RFC 7517) are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// Where `<issuer>/.well-known/openid-configuration` says.
    Discovery,
    /// At this address.
    Uri(Url),
    /// In this file, for servers without a network. It is read again when it changes.
    File(PathBuf),
}

impl Oidc {
    /// The same issuer, asked for the keys that it publishes whatever file there is of them.
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

    /// Checks an address to ask an issuer at: `https`, or `http` on this machine alone; no password in it.
    ///
    /// # Errors
    /// With a sentence about what is wrong.
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

/// Reads the settings `oidc_…`; none when there is no issuer.
pub(super) fn resolve(settings: &Settings) -> Result<Option<Oidc>, ConfigError> {
    let Some(issuer) = settings.oidc_issuer.clone() else {
        let orphan = [
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
        return match orphan.into_iter().find(|(_, is_set)| *is_set) {
            Some((name, _)) => Err(invalid(name, "needs oidc_issuer, whose tokens it is about")),
            None => Ok(None),
        };
    };
    let audience = settings.oidc_audience.clone();
    let audience = audience.filter(|text| !text.is_empty()).ok_or_else(|| {
        invalid(
            "oidc_audience",
            "is missing; without it tokens made for other services would be accepted",
        )
    })?;
    let published = settings.oidc_jwks_uri.as_deref();
    let published = published
        .map(|uri| https("oidc_jwks_uri", uri))
        .transpose()?;
    // Its discovery is asked for the keys, and whenever somebody signs in at the dashboard.
    if published.is_none() || settings.oidc_client_id.is_some() {
        https("oidc_issuer", &issuer)?;
    }
    let keys = match &settings.oidc_jwks_file {
        Some(file) => KeySource::File(file.clone()),
        None => published
            .clone()
            .map_or(KeySource::Discovery, KeySource::Uri),
    };
    let userinfo = settings.oidc_userinfo_uri.as_deref();
    let userinfo = userinfo.map(|uri| https("oidc_userinfo_uri", uri));
    Ok(Some(Oidc {
        issuer,
        audience,
        keys,
        published,
        userinfo: userinfo.transpose()?,
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

fn https(name: &'static str, text: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(text);
    let url = url.map_err(|_| invalid(name, "is not a URL, like https://issuer.example.org/"))?;
    Oidc::check_url(&url).map_err(|problem| invalid(name, &problem))?;
    Ok(url)
}
