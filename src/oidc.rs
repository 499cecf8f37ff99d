//! OpenID Connect: verifies JSON web tokens, loads the profile of their bearers, and signs people
//! in with a browser. Depends on no other module of ours but `config`.
//!
//! `ring`, which TLS needs anyway, verifies signatures. `jsonwebtoken` would need either the crate
//! `rsa` (RUSTSEC-2023-0071) or a provider that is installed for the whole process. It would
//! replace `token.rs` and a part of `jwks.rs`, but not the checks of key sizes, `use`, `key_ops`
//! and `crit`, nor the distinct reasons of a refusal.

mod claims;
mod client;
mod code_flow;
mod discovery;
mod jwks;
mod keys;
mod profile;
mod source;
mod token;

use std::sync::Arc;

use jiff::Timestamp;

pub use claims::Claims;
pub use code_flow::{Attempt, Bearer};
pub use profile::Profile;

use crate::config;
use crate::config::KeySource;
use client::Client;
use discovery::Discovery;
use jwks::KeySet;
use keys::Keys;
use source::Source;
use token::Token;

/// An issuer whose tokens are accepted, with its cached keys. Cheap to clone.
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    config: config::Oidc,
    client: Client,
    discovery: Discovery,
    keys: Keys,
}

impl Issuer {
    /// Creates an issuer, without a request to it and without reading a file.
    #[must_use]
    pub fn new(config: config::Oidc) -> Self {
        let client = Client::default();
        let discovery = Discovery::new(&config.issuer, client.clone());
        let source = Source::new(&config.keys, client.clone(), discovery.clone());
        let keys = Keys::new(source);
        Self(Arc::new(Inner {
            config,
            client,
            discovery,
            keys,
        }))
    }

    /// The claim `iss` of its tokens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.config.issuer
    }

    /// Verifies a token at the time `now`, which also decides whether the cached keys are stale.
    ///
    /// Keys are loaded only for a token that is valid except for its signature.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, OidcError> {
        self.verify_for(&self.0.config.audience, token, now).await
    }

    /// Verifies a token for another audience.
    async fn verify_for(
        &self,
        audience: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, OidcError> {
        let token = Token::parse(token)?;
        token
            .claims()
            .verify(&self.0.config.issuer, audience, now)?;
        self.0.keys.verify(&token, now).await?;
        Ok(token.into_claims())
    }

    /// Returns the profile of the bearer of a verified token: from the token, or, if that contains
    /// no name, from the issuer's userinfo endpoint.
    ///
    /// # Errors
    /// When neither contains a name.
    pub async fn profile(&self, token: &str, claims: &Claims) -> Result<Profile, OidcError> {
        if let Some(profile) = Profile::from_claims(claims) {
            return Ok(profile);
        }
        let userinfo = match (&self.0.config.userinfo, &self.0.config.keys) {
            (Some(url), _) => url.clone(),
            // With a key file, the server has no network.
            (None, KeySource::File(_)) => {
                return Err(profile::no_userinfo("no userinfo endpoint is known"));
            }
            (None, KeySource::Discovery | KeySource::Uri(_)) => {
                let document = self.0.discovery.cached().await;
                let document = document.map_err(profile::unavailable)?;
                document
                    .userinfo_endpoint
                    .clone()
                    .ok_or_else(|| profile::no_userinfo("the issuer's discovery names none"))?
            }
        };
        let answer = self.0.client.get(&userinfo, Some(token)).await;
        let answer = answer.map_err(profile::unavailable)?;
        Profile::from_userinfo(claims, &answer)
    }

    /// Fetches the issuer's keys and returns the document unchanged.
    ///
    /// # Errors
    /// When it contains no usable key, or when the keys are configured as a file.
    pub async fn fetch_keys(&self) -> Result<String, OidcError> {
        let uri = match &self.0.config.keys {
            KeySource::File(path) => Err(format!("they come from the file {}", path.display())),
            KeySource::Uri(uri) => Ok(uri.clone()),
            KeySource::Discovery => {
                let document = self.0.discovery.fetch().await;
                document.map(|document| document.jwks_uri.clone())
            }
        };
        let text = match uri {
            Ok(uri) => self.0.client.get(&uri, None).await,
            Err(cause) => Err(cause),
        };
        text.and_then(|text| KeySet::parse(&text).map(|_| text))
            .and_then(|text| String::from_utf8(text).map_err(|error| error.to_string()))
            .map_err(keys::unavailable)
    }
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The token is invalid.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// The issuer or its keys are unavailable, so the token cannot be verified.
    #[error("{detail}: {cause}")]
    Unavailable {
        /// The message for the bearer.
        detail: &'static str,
        /// The message for the log: addresses, paths and system errors, but no part of a token.
        cause: String,
    },
}

/// Why a token is invalid, as a message for its bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Longer than any real token.
    #[error("the token is longer than {} bytes", token::SIZE_LIMIT)]
    TooLong,
    /// Not three parts, or not JSON, or a claim of the wrong type.
    #[error("the token is not a signed JSON web token")]
    Malformed,
    /// `none`, a shared secret, or an unknown algorithm.
    #[error("the token is not signed with RS256, ES256 or EdDSA")]
    Algorithm,
    /// The header has `crit` (RFC 7515, section 4.1.11).
    #[error("the token requires an unsupported extension (crit)")]
    Extension,
    /// `exp` is in the past.
    #[error("the token has expired; log in again")]
    Expired,
    /// `exp` is missing.
    #[error("the token has no expiry (exp)")]
    NoExpiry,
    /// `nbf` is in the future.
    #[error("the token is not valid yet (nbf)")]
    NotYetValid,
    /// `iss` is missing or another issuer.
    #[error("the token is from another issuer (iss)")]
    Issuer,
    /// `aud` is missing or does not contain this server.
    #[error("the token is not meant for this server (aud)")]
    Audience,
    /// `sub` is missing or invalid.
    #[error("the token has no valid subject (sub)")]
    Subject,
    /// `kid` names no key of the issuer, or one for another algorithm.
    #[error("the token is not signed with one of the issuer's keys")]
    UnknownKey,
    /// No `kid`, and several keys of this algorithm.
    #[error("the token does not name its key (kid), and the issuer has several")]
    AmbiguousKey,
    /// The signature is wrong.
    #[error("the token's signature is invalid")]
    Signature,
    /// The response does not belong to this sign-in, or was used before, or is too old.
    #[error("this sign-in has expired or belongs to another browser; sign in again")]
    Attempt,
}
