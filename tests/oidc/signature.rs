//! Signatures of tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use crick_api::oidc::Refusal;
use jiff::Timestamp;
use ring::hmac;
use serde_json::{Value, json};

use super::{plain, refused, unavailable, with_uri};
use crate::support::{Kind, SigningKey, TestIssuer};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Why a token is refused if the issuer publishes `jwk`.
async fn refusal(issuer: &TestIssuer, jwk: Value, token: &str) -> Refusal {
    // Another usable key, so that the document is accepted.
    let other = SigningKey::new(Kind::EdDsa, "other").jwk();
    issuer.publish_jwks(vec![jwk, other]);
    refused(with_uri(issuer).verify(token, Timestamp::now()).await)
}

#[tokio::test]
async fn each_of_the_three_algorithms_is_understood() {
    for kind in [Kind::Rs256, Kind::Es256, Kind::EdDsa] {
        let issuer = TestIssuer::start();
        let key = SigningKey::new(kind, "a");
        issuer.publish(&[&key, &issuer.key]);
        let token = key.sign(&issuer.claims(&json!({})));
        let claims = with_uri(&issuer).verify(&token, Timestamp::now()).await;
        assert_eq!(claims.expect("valid").subject(), "auth0|ada", "{kind:?}");
    }
}

#[tokio::test]
async fn a_token_changed_after_it_was_signed_is_refused() {
    for kind in [Kind::Rs256, Kind::Es256, Kind::EdDsa] {
        let issuer = TestIssuer::start();
        let key = SigningKey::new(kind, "a");
        let token = key.sign(&issuer.claims(&json!({})));
        let parts: Vec<&str> = token.split('.').collect();
        let forged = encode(issuer.claims(&json!({"sub": "auth0|eve"})).to_string());
        let forged = format!("{}.{forged}.{}", parts[0], parts[2]);
        let cut = format!("{}.{}.", parts[0], parts[1]);
        for token in [forged, cut] {
            let refusal = refusal(&issuer, key.jwk(), &token).await;
            assert_eq!(refusal, Refusal::Signature, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn unsigned_tokens_and_shared_secrets_are_refused_before_keys_are_fetched() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    let claims = encode(issuer.claims(&json!({})).to_string());
    for name in [
        "none", "None", "", "HS256", "HS384", "RS384", "RS512", "PS256", "ES384", "rs256",
    ] {
        let header = encode(json!({"alg": name, "kid": "first"}).to_string());
        for token in [
            format!("{header}.{claims}."),
            format!("{header}.{claims}.AAAA"),
        ] {
            let refusal = refused(ours.verify(&token, Timestamp::now()).await);
            assert_eq!(refusal, Refusal::Algorithm, "{name}");
        }
    }
    assert_eq!(issuer.requests(TestIssuer::JWKS), 0);
}

#[tokio::test]
async fn a_public_key_used_as_a_shared_secret_is_refused() {
    let issuer = TestIssuer::start();
    let key = SigningKey::new(Kind::Rs256, "a");
    let modulus = key.jwk()["n"].as_str().expect("a modulus").to_owned();
    let secret = URL_SAFE_NO_PAD.decode(modulus).expect("base64");
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
    for name in ["HS256", "RS256"] {
        let header = json!({"alg": name, "kid": "a"}).to_string();
        let claims = issuer.claims(&json!({})).to_string();
        let signed = format!("{}.{}", encode(header), encode(claims));
        let token = format!(
            "{signed}.{}",
            encode(hmac::sign(&secret, signed.as_bytes()))
        );
        let refusal = refusal(&issuer, key.jwk(), &token).await;
        assert!(matches!(refusal, Refusal::Algorithm | Refusal::Signature));
    }
}

#[tokio::test]
async fn a_key_is_used_with_its_own_algorithm_whatever_the_token_says() {
    let issuer = TestIssuer::start();
    let key = SigningKey::new(Kind::Es256, "a");
    for name in ["RS256", "EdDSA"] {
        let header = json!({"alg": name, "kid": "a"});
        let token = key.sign_with_header(&header, &issuer.claims(&json!({})));
        let refusal = refusal(&issuer, key.jwk(), &token).await;
        assert_eq!(refusal, Refusal::UnknownKey);
    }
}

#[tokio::test]
async fn a_key_for_another_purpose_is_ignored() {
    let issuer = TestIssuer::start();
    let key = SigningKey::new(Kind::Rs256, "a");
    let token = key.sign(&issuer.claims(&json!({})));
    for (field, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["encrypt"])),
        ("alg", json!("RS512")),
        ("alg", json!("RSA-OAEP")),
        ("alg", json!("ES256")),
        ("kty", json!("oct")),
        ("kid", json!(7)),
        ("n", json!("not base64!")),
        ("n", json!(null)),
        // 2047 bits.
        ("n", json!(encode([vec![0x7f], vec![0xff; 255]].concat()))),
        // 1024 bits, made to look longer.
        ("n", json!(encode([vec![0; 128], vec![0xff; 128]].concat()))),
    ] {
        let mut jwk = key.jwk();
        jwk[field] = value;
        let refusal = refusal(&issuer, jwk.clone(), &token).await;
        assert_eq!(refusal, Refusal::UnknownKey, "{jwk}");
    }
}

#[tokio::test]
async fn a_key_may_omit_optional_fields_and_have_leading_zeros() {
    let issuer = TestIssuer::start();
    let key = SigningKey::new(Kind::Rs256, "a");
    let mut jwk = key.jwk();
    let modulus = jwk["n"].as_str().expect("a modulus");
    let modulus = URL_SAFE_NO_PAD.decode(modulus).expect("base64");
    jwk["n"] = json!(encode([vec![0], modulus].concat()));
    jwk["key_ops"] = json!(["verify"]);
    for field in ["alg", "use"] {
        jwk.as_object_mut().expect("an object").remove(field);
    }
    issuer.publish_jwks(vec![json!({"kty": "future"}), json!("nonsense"), jwk]);
    let token = key.sign(&issuer.claims(&json!({})));
    let claims = with_uri(&issuer).verify(&token, Timestamp::now()).await;
    claims.expect("valid");
}

#[tokio::test]
async fn a_document_without_usable_keys_is_rejected() {
    let issuer = TestIssuer::start();
    let weak = json!({"kty": "RSA", "kid": "first", "n": encode([0xff; 128]), "e": "AQAB"});
    issuer.publish_jwks(vec![weak]);
    let cause = unavailable(
        with_uri(&issuer)
            .verify(&plain(&issuer), Timestamp::now())
            .await,
    );
    assert!(cause.contains("2048"), "{cause}");
}

#[tokio::test]
async fn a_token_without_a_kid_is_valid_if_one_key_has_its_algorithm() {
    let issuer = TestIssuer::start();
    let rsa = SigningKey::new(Kind::Rs256, "rsa");
    issuer.publish(&[&issuer.key, &rsa]);
    let header = json!({"alg": "ES256"});
    let token = issuer
        .key
        .sign_with_header(&header, &issuer.claims(&json!({})));
    let claims = with_uri(&issuer).verify(&token, Timestamp::now()).await;
    claims.expect("valid");
    let other = SigningKey::new(Kind::Es256, "other");
    issuer.publish(&[&issuer.key, &rsa, &other]);
    let refusal = refused(with_uri(&issuer).verify(&token, Timestamp::now()).await);
    assert_eq!(refusal, Refusal::AmbiguousKey);
}

#[tokio::test]
async fn a_critical_extension_is_refused() {
    let issuer = TestIssuer::start();
    let header = json!({"alg": "ES256", "kid": "first", "crit": ["b64"], "b64": false});
    let token = issuer
        .key
        .sign_with_header(&header, &issuer.claims(&json!({})));
    let refusal = refused(with_uri(&issuer).verify(&token, Timestamp::now()).await);
    assert_eq!(refusal, Refusal::Extension);
}

#[tokio::test]
async fn malformed_tokens_are_refused() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    let token = plain(&issuer);
    let parts: Vec<&str> = token.split('.').collect();
    let list = encode("[]");
    for text in [
        String::new(),
        "..".to_owned(),
        "crick0123456789".to_owned(),
        parts[..2].join("."),
        format!("{token}.AAAA"),
        format!("{token}="),
        format!(" {token}"),
        format!("{}.{list}.{}", parts[0], parts[2]),
        format!("{list}.{}.{}", parts[1], parts[2]),
    ] {
        let refusal = refused(ours.verify(&text, Timestamp::now()).await);
        assert_eq!(refusal, Refusal::Malformed, "{text}");
    }
    let long = issuer.token(&json!({"padding": "x".repeat(16 << 10)}));
    let refusal = refused(ours.verify(&long, Timestamp::now()).await);
    assert_eq!(refusal, Refusal::TooLong);
}
