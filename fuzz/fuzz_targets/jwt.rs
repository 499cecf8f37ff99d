//! Any text as a JSON Web Token: only the one that the issuer signed is accepted.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crick_api::config::{KeySource, Oidc};
use crick_api::oidc::Issuer;
use jiff::Timestamp;
use libfuzzer_sys::{Corpus, fuzz_target};
use ring::signature::Ed25519KeyPair;
use tokio::runtime::Runtime;

/// What the valid token says. The first lines of the seeds are the same.
const HEADER: &str = r#"{"alg":"EdDSA","kid":"fuzz"}"#;
const CLAIMS: &str =
    r#"{"iss":"https://issuer.example","aud":"crick","sub":"ada","exp":2000000000}"#;

/// Stands for the valid token, or, on a line of its own, for its signature: no mutation would find
/// either.
const TOKEN: &str = "TOKEN";

static VERIFIER: LazyLock<Verifier> = LazyLock::new(Verifier::start);

struct Verifier {
    runtime: Runtime,
    issuer: Issuer,
    valid: String,
}

impl Verifier {
    fn start() -> Self {
        let verifier = Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime"),
            issuer: Issuer::new(Oidc {
                issuer: "https://issuer.example".to_owned(),
                audience: "crick".to_owned(),
                keys: KeySource::File(Path::new(env!("CARGO_MANIFEST_DIR")).join("keys.json")),
                published: None,
                userinfo: None,
                client: None,
            }),
            valid: valid(),
        };
        assert!(
            verifier.believes(&verifier.valid),
            "the valid token is believed"
        );
        verifier
    }

    fn believes(&self, token: &str) -> bool {
        let now = Timestamp::from_second(1_900_000_000).expect("a moment");
        self.runtime
            .block_on(self.issuer.verify(token, now))
            .is_ok()
    }
}

/// The token that the issuer signed. The key is in the source; `keys.json` has its public half.
fn valid() -> String {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
    let signed = format!("{}.{}", encoded(HEADER), encoded(CLAIMS));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

fn encoded(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

// One line is a token as it is. Three are what is encoded in one: header, claims, signature.
fuzz_target!(|input: &str| -> Corpus {
    let valid = &VERIFIER.valid;
    let token = match input.split('\n').collect::<Vec<_>>()[..] {
        [token] => token.replace(TOKEN, valid),
        [header, claims, TOKEN] => {
            let signature = valid.rsplit('.').next().expect("a signature");
            format!("{}.{}.{signature}", encoded(header), encoded(claims))
        }
        [header, claims, signature] => {
            format!(
                "{}.{}.{}",
                encoded(header),
                encoded(claims),
                encoded(signature)
            )
        }
        _ => return Corpus::Reject,
    };
    assert_eq!(VERIFIER.believes(&token), token == *valid, "{token}");
    Corpus::Keep
});
