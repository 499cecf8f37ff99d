//! Discovery documents and requests to the issuer.

use std::net::TcpListener;
use std::time::Instant;

use crick_api::config::{KeySource, Oidc};
use crick_api::oidc::Issuer;
use jiff::Timestamp;
use serde_json::json;

use super::{discovered, plain, settings, unavailable, url};
use crate::support::{Mood, TestIssuer};

#[tokio::test]
async fn keys_are_found_by_discovery() {
    let issuer = TestIssuer::start();
    let claims = discovered(&issuer)
        .verify(&plain(&issuer), Timestamp::now())
        .await;
    claims.expect("valid");
    assert_eq!(issuer.requests(TestIssuer::DISCOVERY), 1);
    assert_eq!(issuer.requests(TestIssuer::JWKS), 1);
}

#[tokio::test]
async fn discovery_works_without_a_trailing_slash() {
    let issuer = TestIssuer::start();
    let name = issuer.url().trim_end_matches('/').to_owned();
    let document = json!({"issuer": name, "jwks_uri": issuer.at("/jwks")});
    issuer.set_discovery(document);
    let ours = Issuer::new(Oidc {
        issuer: name.clone(),
        ..settings(&issuer, KeySource::Discovery)
    });
    let token = issuer.token(&json!({"iss": name}));
    let claims = ours.verify(&token, Timestamp::now()).await;
    claims.expect("valid");
}

#[tokio::test]
async fn an_invalid_discovery_document_provides_no_keys() {
    let issuer = TestIssuer::start();
    let keys = issuer.at("/jwks");
    let name = issuer.url();
    let without_slash = name.trim_end_matches('/');
    for document in [
        json!({"issuer": "https://evil.example/", "jwks_uri": keys}),
        json!({"issuer": without_slash, "jwks_uri": keys}),
        json!({"jwks_uri": keys}),
        json!({"issuer": name}),
        json!({"issuer": name, "jwks_uri": "/jwks"}),
        json!({"issuer": name, "jwks_uri": "http://keys.example/jwks"}),
        json!({"issuer": name, "jwks_uri": "file:///etc/passwd"}),
    ] {
        issuer.set_discovery(document);
        unavailable(
            discovered(&issuer)
                .verify(&plain(&issuer), Timestamp::now())
                .await,
        );
    }
    assert_eq!(issuer.requests(TestIssuer::JWKS), 0);
}

#[tokio::test]
async fn redirects_errors_and_large_responses_are_rejected() {
    for path in [TestIssuer::DISCOVERY, TestIssuer::JWKS] {
        for mood in [
            Mood::Status(503),
            Mood::Status(404),
            Mood::Status(204),
            Mood::Garbage,
            Mood::Endless,
            Mood::HangUp,
            Mood::Redirect,
        ] {
            let issuer = TestIssuer::start();
            issuer.set_mood_at(path, mood);
            let answer = discovered(&issuer)
                .verify(&plain(&issuer), Timestamp::now())
                .await;
            let cause = unavailable(answer);
            assert!(cause.contains(path), "{mood:?}: {cause}");
        }
    }
}

#[tokio::test]
async fn a_request_to_the_issuer_times_out_after_ten_seconds() {
    let issuer = TestIssuer::start();
    issuer.set_mood(Mood::Silent);
    let (ours, token, begin) = (discovered(&issuer), plain(&issuer), Instant::now());
    let cause = unavailable(ours.verify(&token, Timestamp::now()).await);
    assert!(cause.contains("10 s"), "{cause}");
    assert!((9..20).contains(&begin.elapsed().as_secs()));
}

#[tokio::test]
async fn an_unreachable_issuer_is_unavailable() {
    let issuer = TestIssuer::start();
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = nobody.local_addr().expect("an address");
    drop(nobody);
    let keys = KeySource::Uri(url(&format!("http://{address}/jwks")));
    let ours = Issuer::new(settings(&issuer, keys));
    let cause = unavailable(ours.verify(&plain(&issuer), Timestamp::now()).await);
    assert!(cause.contains("refused"), "{cause}");
}

#[test]
fn an_issuer_must_use_tls_or_this_machine() {
    for address in [
        "https://id.example/jwks",
        "http://127.0.0.1:1/",
        "http://127.8.9.1/",
        "http://[::1]:1/",
        "http://localhost:1/",
    ] {
        assert_eq!(Oidc::check_url(&url(address)), Ok(()), "{address}");
    }
    for address in [
        "http://id.example/jwks",
        "http://localhost.example/",
        "http://10.0.0.1/",
        "http://[::2]/",
        "https://ada:secret@id.example/",
        "ftp://127.0.0.1/",
        "unix:/run/x",
    ] {
        let problem = Oidc::check_url(&url(address)).expect_err(address);
        assert!(!problem.contains("secret"));
    }
}
