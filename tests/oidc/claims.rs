//! Required claims.

use crick_api::oidc::{Issuer, Refusal};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{plain, refused, with_uri};
use crate::support::{AUDIENCE, TestIssuer};

async fn check(issuer: &TestIssuer, ours: &Issuer, changes: Value) -> Option<Refusal> {
    let answer = ours.verify(&issuer.token(&changes), Timestamp::now()).await;
    match answer {
        Ok(_) => None,
        refused => Some(super::refused(refused)),
    }
}

#[tokio::test]
async fn a_valid_token_returns_its_subject_and_claims() {
    let issuer = TestIssuer::start();
    let token = issuer.token(&json!({
        "groups": ["staff", "crick"], "role": "admin", "email_verified": true, "level": 3,
    }));
    let claims = with_uri(&issuer).verify(&token, Timestamp::now()).await;
    let claims = claims.expect("valid");
    assert_eq!(claims.subject(), "auth0|ada");
    assert_eq!(claims.text("role"), Some("admin"));
    assert_eq!(claims.text("level"), None);
    assert!(claims.contains("groups", "crick") && claims.contains("role", "admin"));
    assert!(!claims.contains("groups", "cric") && !claims.contains("role", "adm"));
    assert!(!claims.contains("nothing", "crick") && !claims.contains("level", "3"));
    assert!(claims.is_true("email_verified") && !claims.is_true("level"));
    assert!(!format!("{claims:?}").contains("ada"), "Debug says nothing");
}

#[tokio::test]
async fn the_audience_must_be_ours_or_a_list_that_contains_it() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    let among_others = json!({"aud": ["https://other.example", AUDIENCE]});
    assert_eq!(check(&issuer, &ours, among_others).await, None);
    for audience in [
        json!(null),
        json!("https://other.example"),
        json!([]),
        json!(["https://other.example"]),
        json!(format!("{AUDIENCE}/")),
        json!({"aud": AUDIENCE}),
        json!(7),
    ] {
        let refusal = check(&issuer, &ours, json!({"aud": audience})).await;
        assert_eq!(refusal, Some(Refusal::Audience), "{audience}");
    }
}

#[tokio::test]
async fn the_issuer_must_match_exactly() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    let without_slash = issuer.url().trim_end_matches('/').to_owned();
    for name in [
        json!(null),
        json!("https://evil.example/"),
        json!(without_slash),
        json!([issuer.url()]),
    ] {
        let refusal = check(&issuer, &ours, json!({"iss": name})).await;
        assert_eq!(refusal, Some(Refusal::Issuer), "{name}");
    }
}

#[tokio::test]
async fn times_are_checked_with_a_leeway_of_less_than_a_minute() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    let now = Timestamp::now().as_second();
    for (changes, expected) in [
        (json!({"exp": now - 10}), None),
        (json!({"exp": now - 61}), Some(Refusal::Expired)),
        (json!({"exp": now - 86_400}), Some(Refusal::Expired)),
        (json!({"exp": -1}), Some(Refusal::Expired)),
        (json!({"exp": null}), Some(Refusal::NoExpiry)),
        (json!({"exp": "2099-01-01"}), Some(Refusal::Malformed)),
        (json!({"exp": now as f64 + 600.5}), None),
        (json!({"nbf": now + 10}), None),
        (json!({"nbf": now + 62}), Some(Refusal::NotYetValid)),
        (json!({"nbf": "now"}), Some(Refusal::Malformed)),
        (json!({"nbf": now - 600}), None),
    ] {
        let refusal = check(&issuer, &ours, changes.clone()).await;
        assert_eq!(refusal, expected, "{changes}");
    }
}

#[tokio::test]
async fn a_token_expires() {
    let issuer = TestIssuer::start();
    let (ours, token) = (with_uri(&issuer), plain(&issuer));
    ours.verify(&token, Timestamp::now()).await.expect("valid");
    let refusal = refused(ours.verify(&token, super::later(86_400 + 61)).await);
    assert_eq!(refusal, Refusal::Expired);
}

#[tokio::test]
async fn a_subject_is_a_text_of_1_to_255_characters_without_controls() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    assert_eq!(
        check(&issuer, &ours, json!({"sub": "é".repeat(255)})).await,
        None
    );
    for subject in [
        json!(null),
        json!(""),
        json!(42),
        json!("é".repeat(256)),
        json!("ada\0"),
        json!("ada\n"),
    ] {
        let refusal = check(&issuer, &ours, json!({"sub": subject})).await;
        assert_eq!(refusal, Some(Refusal::Subject), "{subject}");
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_causes_no_request() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    for changes in [json!({"iss": "x"}), json!({"aud": "x"}), json!({"exp": 1})] {
        assert!(check(&issuer, &ours, changes).await.is_some());
    }
    assert_eq!(issuer.requests(TestIssuer::JWKS), 0);
}
