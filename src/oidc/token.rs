//! The three parts of a token (RFC 7515, compact), before its verification.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::{Claims, Refusal};

/// The maximum length of a token, about that of a header field.
pub(super) const SIZE_LIMIT: usize = 16 << 10;

/// The accepted signature algorithms (RFC 7518, RFC 8037): no `none`, and no shared secret.
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
    /// Parses the value of `alg`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// A token whose signature has not been verified.
pub(super) struct Token<'a> {
    /// The algorithm that the token names. A key is used only with its own algorithm.
    pub(super) algorithm: Algorithm,
    /// The key that the token names.
    pub(super) kid: Option<String>,
    /// The signed bytes.
    pub(super) signed: &'a str,
    pub(super) signature: Vec<u8>,
    claims: Claims,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

impl<'a> Token<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > SIZE_LIMIT {
            return Err(Refusal::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        let header: Header = decode_json(header)?;
        let algorithm = Algorithm::parse(&header.alg).ok_or(Refusal::Algorithm)?;
        if header.crit.is_some() {
            return Err(Refusal::Extension);
        }
        Ok(Self {
            algorithm,
            kid: header.kid,
            signed,
            signature: decode_bytes(signature)?,
            claims: Claims::new(decode_json(claims)?),
        })
    }

    pub(super) fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Returns the claims; call it after the signature is verified.
    pub(super) fn into_claims(self) -> Claims {
        self.claims
    }
}

fn decode_bytes(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}

fn decode_json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Refusal> {
    serde_json::from_slice(&decode_bytes(part)?).map_err(|_| Refusal::Malformed)
}
