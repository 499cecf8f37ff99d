//! Whose JSON web tokens are believed.

use std::path::PathBuf;

use url::{Host, Url};

/// An issuer of JSON web tokens, as OpenID Connect describes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// Its name, exactly as in the claim `iss`, slash at the end or not; usually an `https` URL.
    pub issuer: String,
    /// Our name, which must be among those in the claim `aud`.
    pub audience: String,
    /// Where its keys are.
    pub keys: KeySource,
    /// Where it tells about the bearer of a token; none: what discovery says.
    pub userinfo: Option<Url>,
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
