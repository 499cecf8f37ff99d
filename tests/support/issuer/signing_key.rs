//! The signing keys of the issuer.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use serde_json::{Value, json};

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// RSA. All keys of this type are equal.
    Rs256,
    /// P-256, a new key each time.
    Es256,
    /// Ed25519, a new key each time.
    EdDsa,
}

/// A signing key with a key id.
pub(crate) struct SigningKey {
    /// Its `kid` in the header of tokens.
    pub(crate) kid: String,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Creates a key.
    pub(crate) fn new(kind: Kind, kid: &str) -> Self {
        let random = SystemRandom::new();
        let pair = match kind {
            Kind::Rs256 => {
                let key = RsaKeyPair::from_pkcs8(&rsa_key_for_tests()).expect("a key");
                Pair::Rsa(Box::new(key))
            }
            Kind::Es256 => {
                let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let key = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("randomness");
                let key = EcdsaKeyPair::from_pkcs8(algorithm, key.as_ref(), &random);
                Pair::P256(key.expect("a key"))
            }
            Kind::EdDsa => {
                let key = Ed25519KeyPair::generate_pkcs8(&random).expect("randomness");
                Pair::Ed25519(Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("a key"))
            }
        };
        Self {
            kid: kid.to_owned(),
            pair,
        }
    }

    /// Its algorithm as in `alg`.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::P256(_) => "ES256",
            Pair::Ed25519(_) => "EdDSA",
        }
    }

    /// Its public key as a JWK.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({"kty": "RSA", "n": encode(public.n), "e": encode(public.e)})
            }
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)})
            }
            Pair::Ed25519(pair) => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": encode(pair.public_key())})
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.algorithm());
        jwk["use"] = json!("sig");
        jwk
    }

    /// Signs a token with these claims.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = json!({"typ": "JWT", "alg": self.algorithm(), "kid": self.kid});
        self.sign_with_header(&header, claims)
    }

    /// Signs a token with this header, which may be wrong.
    pub(crate) fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            encode(header.to_string()),
            encode(claims.to_string())
        );
        let signature = self.signature(signed.as_bytes());
        format!("{signed}.{}", encode(signature))
    }

    fn signature(&self, signed: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, signed, &mut signature)
                    .expect("a signature");
                signature
            }
            Pair::P256(pair) => {
                let signature = pair.sign(&random, signed).expect("a signature");
                signature.as_ref().to_vec()
            }
            Pair::Ed25519(pair) => pair.sign(signed).as_ref().to_vec(),
        }
    }
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Fixed, because `ring` does not generate RSA keys.
fn rsa_key_for_tests() -> Vec<u8> {
    let base64: String = include_str!("rsa-key-for-tests.pem")
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(base64).expect("base64")
}
