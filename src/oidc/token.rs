//! A token as it came, in its three parts (RFC 7515, compact): nothing in it is believed yet.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::{Claims, Refusal};

/// The longest token, in bytes; about the longest header that servers take.
pub(super) const SIZE_LIMIT: usize = 16 << 10;

/// How a token may be signed (RFC 7518, RFC 8037). There is no `none`, and nothing with a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSA of at least 2048 bits, PKCS #1 v1.5, SHA-256.
    Rs256,
    /// ECDSA on P-256, SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The algorithm of this name in `alg`.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// A token whose signature is not checked.
pub(super) struct Token<'a> {
    /// How it says it is signed. A key is only ever used with the algorithm that the key is for.
    pub(super) algorithm: Algorithm,
    /// Which key it says signed it.
    pub(super) kid: Option<String>,
    /// What is signed.
    pub(super) signed: &'a str,
    /// The signature.
    pub(super) signature: Vec<u8>,
    claims: Claims,
}

/// What a token says about its signature.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    pub(super) fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > SIZE_LIMIT {
            return Err(Refusal::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        let header: Header = json(header)?;
        let algorithm = Algorithm::named(&header.alg).ok_or(Refusal::Algorithm)?;
        if header.crit.is_some() {
            return Err(Refusal::Extension);
        }
        Ok(Self {
            algorithm,
            kid: header.kid,
            signed,
            signature: bytes(signature)?,
            claims: Claims::new(json(claims)?),
        })
    }

    /// What it claims.
    pub(super) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What it claims, once its signature is known to be right.
    pub(super) fn into_claims(self) -> Claims {
        self.claims
    }
}

fn bytes(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Refusal> {
    serde_json::from_slice(&bytes(part)?).map_err(|_| Refusal::Malformed)
}
