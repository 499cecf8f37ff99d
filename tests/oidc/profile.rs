//! Profiles for the first login.

use crick_api::config::{KeySource, Oidc};
use crick_api::oidc::{Issuer, OidcError, Profile};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{discovered, settings, unavailable, url, with_uri};
use crate::support::{Mood, TestIssuer};

async fn profile(ours: &Issuer, token: &str) -> Result<Profile, OidcError> {
    let claims = ours.verify(token, Timestamp::now()).await?;
    ours.profile(token, &claims).await
}

async fn profile_of(issuer: &TestIssuer, claims: Value) -> Result<Profile, OidcError> {
    profile(&discovered(issuer), &issuer.token(&claims)).await
}

#[tokio::test]
async fn a_token_with_a_name_needs_no_userinfo() {
    let issuer = TestIssuer::start();
    let found = profile_of(
        &issuer,
        json!({
            "preferred_username": "ada", "nickname": "al", "name": "Ada L.", "email": "ada@example.org",
            "email_verified": true, "picture": "https://example.org/ada.png", "groups": ["crick"],
        }),
    );
    let found = found.await.expect("a profile");
    assert_eq!(found.login, "ada");
    assert_eq!(found.email.as_deref(), Some("ada@example.org"));
    assert!(found.email_verified);
    assert_eq!(
        found.picture.as_deref(),
        Some("https://example.org/ada.png")
    );
    assert!(found.contains("groups", "crick") && !found.contains("groups", "x"));
    assert_eq!(found.claims().subject(), "auth0|ada");
    assert!(!format!("{found:?}").contains("ada"), "Debug says nothing");
    assert_eq!(issuer.requests(TestIssuer::USERINFO), 0);
}

#[tokio::test]
async fn the_first_claim_that_is_not_blank_becomes_the_login() {
    let issuer = TestIssuer::start();
    for (claims, login) in [
        (
            json!({"preferred_username": " ", "nickname": "al", "name": "Ada L."}),
            "al",
        ),
        (
            json!({"preferred_username": 7, "name": " Ada L. "}),
            "Ada L.",
        ),
        (json!({"email": "ada@example.org"}), "ada@example.org"),
    ] {
        let found = profile_of(&issuer, claims).await.expect("a profile");
        assert_eq!(found.login, login);
        assert!(!found.email_verified);
    }
}

#[tokio::test]
async fn a_picture_is_a_short_https_address() {
    let issuer = TestIssuer::start();
    for picture in [
        "http://example.org/ada.png".to_owned(),
        "javascript:alert(1)".to_owned(),
        "ada.png".to_owned(),
        format!("https://example.org/{}", "a".repeat(2048)),
    ] {
        let found = profile_of(&issuer, json!({"name": "Ada", "picture": picture}));
        assert_eq!(found.await.expect("a profile").picture, None);
    }
}

#[tokio::test]
async fn a_token_without_a_name_causes_a_userinfo_request() {
    let issuer = TestIssuer::start();
    issuer.set_userinfo(json!({
        "sub": "auth0|ada", "nickname": "ada", "email": "ada@example.org", "email_verified": true,
        "updated_at": 1, "address": {"country": "FR"}, "picture": null,
    }));
    // From discovery, from the settings, or not at all.
    let with_address = Issuer::new(Oidc {
        userinfo: Some(url(&issuer.at(TestIssuer::USERINFO))),
        ..settings(&issuer, KeySource::Uri(url(&issuer.at(TestIssuer::JWKS))))
    });
    for ours in [discovered(&issuer), with_uri(&issuer), with_address] {
        let token = issuer.token(&json!({"groups": ["crick"]}));
        let found = profile(&ours, &token).await.expect("a profile");
        assert_eq!(found.login, "ada");
        assert_eq!(found.email.as_deref(), Some("ada@example.org"));
        assert!(found.email_verified, "a boolean works");
        assert!(found.contains("groups", "crick"), "the token's claims");
        assert!(found.contains("nickname", "ada"), "and userinfo's");
        let asked = issuer.last_authorization(TestIssuer::USERINFO);
        assert_eq!(asked, Some(format!("Bearer {token}")));
    }
    assert_eq!(issuer.requests(TestIssuer::DISCOVERY), 2, "read once each");
}

#[tokio::test]
async fn email_and_email_verified_come_from_the_same_source() {
    let issuer = TestIssuer::start();
    issuer.set_userinfo(json!({"sub": "auth0|ada", "email": "eve@example.org"}));
    let found = profile_of(&issuer, json!({"email_verified": true}));
    assert!(!found.await.expect("a profile").email_verified);
}

#[tokio::test]
async fn userinfo_with_another_or_no_subject_is_rejected() {
    let issuer = TestIssuer::start();
    for answer in [
        json!({"sub": "auth0|eve", "nickname": "eve"}),
        json!({"nickname": "ada"}),
        json!({"sub": "auth0|ada"}),
        json!({"sub": ["auth0|ada"], "nickname": "ada"}),
        json!([]),
    ] {
        issuer.set_userinfo(answer);
        unavailable(profile_of(&issuer, json!({})).await);
    }
}

#[tokio::test]
async fn no_profile_is_invented_while_userinfo_is_down() {
    let issuer = TestIssuer::start();
    for mood in [
        Mood::Status(503),
        Mood::Status(401),
        Mood::Garbage,
        Mood::Endless,
        Mood::HangUp,
        Mood::Redirect,
    ] {
        issuer.set_mood_at(TestIssuer::USERINFO, mood);
        let token = issuer.token(&json!({}));
        let cause = unavailable(profile(&discovered(&issuer), &token).await);
        assert!(!cause.contains(&token), "the token is in no text");
    }
}

#[tokio::test]
async fn without_userinfo_the_missing_claims_are_named() {
    let issuer = TestIssuer::start();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jwks.json");
    std::fs::write(&file, issuer.jwks()).expect("a file");
    let by_file = Issuer::new(settings(&issuer, KeySource::File(file)));
    issuer.set_discovery(json!({"issuer": issuer.url(), "jwks_uri": issuer.at("/jwks")}));
    for ours in [by_file, discovered(&issuer)] {
        let error = profile(&ours, &issuer.token(&json!({}))).await;
        let Err(OidcError::Unavailable { detail, .. }) = error else {
            panic!("nobody says a name");
        };
        for name in ["preferred_username", "nickname", "name", "email"] {
            assert!(detail.contains(name), "{detail}");
        }
    }
}
