//! Who issued this JSON web token: signature, issuer, audience, times, and what the issuer says about the bearer.
//!
//! Knows nothing of our routes, of the store, or of who may do what.
//!
//! The signature is checked by `ring`, which TLS brings anyway. `jsonwebtoken` 11 would need either the crate `rsa`
//! (RUSTSEC-2023-0071) or a provider installed for the whole process, to save the hundred lines of `token.rs` and
//! `jwks.rs`.

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

/// An issuer whose tokens are believed, with its keys as last seen. Cheap to clone.
#[derive(Clone)]
pub struct Issuer(Arc<Inner>);

struct Inner {
    config: config::Oidc,
    client: Client,
    discovery: Discovery,
    keys: Keys,
}

impl Issuer {
    /// An issuer. Asks nothing of it, and reads no file, before the first token.
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

    /// What it calls itself: the claim `iss` of its tokens.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.config.issuer
    }

    /// Checks a token at the time `now`, which is also the time by which keys grow old.
    ///
    /// Only a token that would be valid but for its signature makes us look for keys.
    ///
    /// # Errors
    /// When the token is not valid, or the keys that could tell are not to be had.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, OidcError> {
        self.verify_for(&self.0.config.audience, token, now).await
    }

    /// The same for a token that is meant for `audience`.
    async fn verify_for(
        &self,
        audience: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<Claims, OidcError> {
        let token = Token::parse(token)?;
        token.claims().check(&self.0.config.issuer, audience, now)?;
        self.0.keys.verify(&token, now).await?;
        Ok(token.into_claims())
    }

    /// What is known about the bearer of a verified token: what the token says, or, if that has no name for them, what
    /// the issuer's userinfo endpoint says.
    ///
    /// # Errors
    /// When neither gives a name.
    pub async fn profile(&self, token: &str, claims: &Claims) -> Result<Profile, OidcError> {
        if let Some(profile) = Profile::of(claims) {
            return Ok(profile);
        }
        let userinfo = match (&self.0.config.userinfo, &self.0.config.keys) {
            (Some(url), _) => url.clone(),
            // Keys come as a file where there is no network.
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
        Profile::of_userinfo(claims, &answer)
    }

    /// Fetches the issuer's keys and answers the document as it came, once it is known to hold a usable key.
    ///
    /// # Errors
    /// When it cannot be fetched or holds no usable key, and when the keys are a file already.
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

/// Why a token is not believed.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The token is not valid. Its bearer needs another.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// What would tell is not to be had. Nothing is known against the token.
    #[error("{detail}: {cause}")]
    Unavailable {
        /// For the bearer.
        detail: &'static str,
        /// For the log only: addresses, paths, what the system said. No part of a token.
        cause: String,
    },
}

/// What is wrong with a token: a sentence for its bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Larger than any real one.
    #[error("the token is longer than {} bytes", token::SIZE_LIMIT)]
    TooLong,
    /// Not three parts, or not JSON, or a claim of the wrong kind.
    #[error("the token is not a signed JSON web token")]
    Malformed,
    /// `none`, a shared secret, or one we do not know.
    #[error("the token is not signed with RS256, ES256 or EdDSA")]
    Algorithm,
    /// The header has `crit` (RFC 7515, section 4.1.11).
    #[error("the token demands an extension that is not understood")]
    Extension,
    /// `exp` is over.
    #[error("the token has expired; log in again")]
    Expired,
    /// `exp` is missing.
    #[error("the token has no expiry (exp)")]
    NoExpiry,
    /// `nbf` is to come.
    #[error("the token is not valid yet (nbf)")]
    NotYetValid,
    /// `iss` is missing or not ours.
    #[error("the token is from another issuer (iss)")]
    Issuer,
    /// `aud` is missing or has others only.
    #[error("the token is not meant for this server (aud)")]
    Audience,
    /// `sub` is missing or makes no sense.
    #[error("the token does not say whose it is (sub)")]
    Subject,
    /// `kid` is not among the issuer's keys, or is one for another algorithm.
    #[error("the token is not signed with one of the issuer's keys")]
    UnknownKey,
    /// No `kid`, and more than one key would do.
    #[error("the token does not say which of the issuer's keys signed it (kid)")]
    AmbiguousKey,
    /// The signature does not fit.
    #[error("the token's signature is not valid")]
    Signature,
    /// What came back from signing in is not the answer to how it began, or has been used, or is too old.
    #[error("this sign-in has expired, or was begun somewhere else; sign in again")]
    Attempt,
}
