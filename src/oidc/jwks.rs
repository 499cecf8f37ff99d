//! The keys of an issuer (RFC 7517), each for one algorithm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use super::Refusal;
use super::token::{Algorithm, Token};

/// The minimum size of an RSA key, in bits (RFC 7518, section 3.3).
const RSA_BITS: usize = 2048;

/// The usable keys; at least one.
pub(super) struct KeySet(Vec<Key>);

struct Key {
    kid: Option<String>,
    public: PublicKey,
}

/// The type of the key decides the algorithm, whatever the token says.
enum PublicKey {
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    P256(UnparsedPublicKey<Vec<u8>>),
    Ed25519(UnparsedPublicKey<Vec<u8>>),
}

/// A key in its JSON form.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// The keys of a document that are for signatures we know. Others are passed over, as RFC 7517
    /// asks.
    pub(super) fn parse(document: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(document)
            .map_err(|_| "this is not a document of keys (RFC 7517)".to_owned())?;
        let total = document.keys.len();
        let keys: Vec<Key> = document.keys.into_iter().filter_map(Key::parse).collect();
        if keys.is_empty() {
            return Err(format!(
                "none of the {total} keys is for RS256 with {RSA_BITS} bits, ES256 or EdDSA with \
                 Ed25519"
            ));
        }
        Ok(Self(keys))
    }

    /// Verifies a signature with the key that the token names. If it names none, there must be only
    /// one key for the algorithm.
    pub(super) fn verify(&self, token: &Token<'_>) -> Result<(), Refusal> {
        let mut fitting = self.0.iter().filter(|key| {
            key.public.algorithm() == token.algorithm
                && (token.kid.is_none() || key.kid == token.kid)
        });
        match (fitting.next(), fitting.next()) {
            (None, _) => Err(Refusal::UnknownKey),
            (Some(key), None) => key.public.verify(token),
            (Some(_), Some(_)) => Err(Refusal::AmbiguousKey),
        }
    }
}

impl Key {
    /// Parses a key. Returns `None` if it is not for signatures with one of the algorithms.
    fn parse(jwk: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        let is_for_signatures = jwk.r#use.as_deref().is_none_or(|use_| use_ == "sig");
        let is_for_checking = jwk
            .key_ops
            .as_ref()
            .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
        let public = PublicKey::parse(&jwk)?;
        let is_for_algorithm = jwk
            .alg
            .is_none_or(|name| Algorithm::parse(&name) == Some(public.algorithm()));
        (is_for_signatures && is_for_checking && is_for_algorithm).then_some(Self {
            kid: jwk.kid,
            public,
        })
    }
}

impl PublicKey {
    fn parse(jwk: &Jwk) -> Option<Self> {
        let number = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_ref()?).ok();
        let coordinate = |text| number(text).filter(|bytes| bytes.len() == 32);
        match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (trim_zeros(&number(&jwk.n)?), trim_zeros(&number(&jwk.e)?));
                let unused_bits = n.first()?.leading_zeros() as usize;
                let is_long = n.len() * 8 - unused_bits >= RSA_BITS;
                is_long.then_some(Self::Rsa(RsaPublicKeyComponents { n, e }))
            }
            ("EC", Some("P-256")) => {
                // An uncompressed point, SEC 1, section 2.3.3.
                let point = [vec![4], coordinate(&jwk.x)?, coordinate(&jwk.y)?].concat();
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                Some(Self::P256(key))
            }
            ("OKP", Some("Ed25519")) => {
                let key = UnparsedPublicKey::new(&ED25519, coordinate(&jwk.x)?);
                Some(Self::Ed25519(key))
            }
            _ => None,
        }
    }

    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    fn verify(&self, token: &Token<'_>) -> Result<(), Refusal> {
        let (signed, signature) = (token.signed.as_bytes(), token.signature.as_slice());
        match self {
            Self::Rsa(key) => key.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature),
            Self::P256(key) | Self::Ed25519(key) => key.verify(signed, signature),
        }
        .map_err(|_| Refusal::Signature)
    }
}

/// Removes leading zeros, which some issuers send and `ring` rejects.
fn trim_zeros(number: &[u8]) -> Vec<u8> {
    number
        .iter()
        .copied()
        .skip_while(|byte| *byte == 0)
        .collect()
}
