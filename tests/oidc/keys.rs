//! The cache of keys: rarely fetched, updated after a change, and kept while the issuer is down.

use crick_api::oidc::Refusal;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::json;

use super::{later, plain, refused, unavailable, with_uri};
use crate::support::{Kind, Mood, SigningKey, TestIssuer};

#[tokio::test]
async fn keys_are_fetched_once_for_many_tokens() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    assert_eq!(issuer.requests(TestIssuer::JWKS), 0, "nothing at the start");
    for seconds in [0, 60, 3_000] {
        let claims = ours.verify(&plain(&issuer), later(seconds)).await;
        claims.expect("valid");
    }
    assert_eq!(issuer.requests(TestIssuer::JWKS), 1);
}

#[tokio::test]
async fn an_unknown_key_causes_at_most_one_fetch_per_minute() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    ours.verify(&plain(&issuer), later(0)).await.expect("valid");

    let second = SigningKey::new(Kind::EdDsa, "second");
    let token = second.sign(&issuer.claims(&json!({})));
    for seconds in [0, 1, 58] {
        let refusal = refused(ours.verify(&token, later(seconds)).await);
        assert_eq!(refusal, Refusal::UnknownKey);
    }
    assert_eq!(issuer.requests(TestIssuer::JWKS), 1, "within a minute");
    for seconds in [70, 75, 120] {
        let refusal = refused(ours.verify(&token, later(seconds)).await);
        assert_eq!(refusal, Refusal::UnknownKey);
    }
    assert_eq!(issuer.requests(TestIssuer::JWKS), 2, "a minute later, once");

    issuer.publish(&[&issuer.key, &second]);
    ours.verify(&token, later(140)).await.expect("the new key");
    let old = plain(&issuer);
    ours.verify(&old, later(140))
        .await
        .expect("the old key too");
}

#[tokio::test]
async fn a_new_key_without_a_kid_is_found_by_its_signature() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    ours.verify(&plain(&issuer), later(0)).await.expect("valid");
    let second = SigningKey::new(Kind::Es256, "second");
    issuer.publish(&[&second]);
    let token = second.sign_with_header(&json!({"alg": "ES256"}), &issuer.claims(&json!({})));
    let refusal = refused(ours.verify(&token, later(1)).await);
    assert_eq!(refusal, Refusal::Signature);
    ours.verify(&token, later(61)).await.expect("the new key");
}

#[tokio::test]
async fn concurrent_requests_wait_for_one_fetch() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    issuer.set_mood(Mood::Silent);
    let token = plain(&issuer);
    let requests = join_all((0..50).map(|second| ours.verify(&token, later(second))));
    let release = tokio::task::spawn_blocking({
        let issuer = std::sync::Arc::new(issuer);
        let kept = issuer.clone();
        move || {
            issuer.wait_for_requests(TestIssuer::JWKS, 1);
            issuer.set_mood(Mood::Up);
            kept
        }
    });
    let (answers, issuer) = tokio::join!(requests, release);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(issuer.expect("no panic").requests(TestIssuer::JWKS), 1);
}

#[tokio::test]
async fn concurrent_requests_share_a_failure() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    issuer.set_mood(Mood::Status(503));
    let token = plain(&issuer);
    let answers = join_all((0..50).map(|_| ours.verify(&token, later(0)))).await;
    for answer in answers {
        let cause = unavailable(answer);
        assert!(cause.contains("503"), "{cause}");
    }
    assert_eq!(issuer.requests(TestIssuer::JWKS), 1);
    issuer.set_mood(Mood::Up);
    ours.verify(&token, later(6)).await.expect("soon after");
}

#[tokio::test]
async fn a_cancelled_request_does_not_cancel_the_fetch() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    issuer.set_mood(Mood::Silent);
    let token = plain(&issuer);
    let first = tokio::spawn({
        let (ours, token) = (ours.clone(), token.clone());
        async move { ours.verify(&token, later(0)).await }
    });
    let issuer = wait_for_requests(issuer, 1).await;
    first.abort();
    let second = tokio::spawn(async move { ours.verify(&token, later(0)).await });
    tokio::task::yield_now().await;
    issuer.set_mood(Mood::Up);
    second.await.expect("no panic").expect("valid");
    assert_eq!(issuer.requests(TestIssuer::JWKS), 1);
}

#[tokio::test]
async fn keys_are_kept_while_the_issuer_is_down() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    ours.verify(&plain(&issuer), later(0)).await.expect("valid");
    let second = SigningKey::new(Kind::Es256, "second");
    let new = second.sign(&issuer.claims(&json!({})));
    for (number, mood) in [
        Mood::Status(503),
        Mood::Garbage,
        Mood::HangUp,
        Mood::Endless,
    ]
    .into_iter()
    .enumerate()
    {
        issuer.set_mood(mood);
        let now = later(4_000 * (1 + i64::try_from(number).expect("few")));
        let claims = ours.verify(&plain(&issuer), now).await;
        claims.expect("known keys are enough");
        unavailable(ours.verify(&new, now).await);
    }
}

#[tokio::test]
async fn a_withdrawn_key_is_dropped_within_about_an_hour() {
    let issuer = TestIssuer::start();
    let ours = with_uri(&issuer);
    let token = plain(&issuer);
    ours.verify(&token, later(0)).await.expect("valid");
    issuer.publish(&[&SigningKey::new(Kind::Es256, "second")]);
    ours.verify(&token, later(3_500))
        .await
        .expect("still known");
    // Starts a reload in the background.
    ours.verify(&token, later(3_601))
        .await
        .expect("still known");
    let issuer = wait_for_requests(issuer, 2).await;
    for _ in 0..1_000 {
        if ours.verify(&token, later(3_602)).await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let refusal = refused(ours.verify(&token, later(3_602)).await);
    assert_eq!(refusal, Refusal::UnknownKey);
    assert_eq!(issuer.requests(TestIssuer::JWKS), 2);
}

#[tokio::test]
async fn without_any_keys_tokens_are_unavailable_but_not_refused() {
    let issuer = TestIssuer::start();
    issuer.set_mood(Mood::HangUp);
    let ours = with_uri(&issuer);
    unavailable(ours.verify(&plain(&issuer), Timestamp::now()).await);
}

#[tokio::test]
async fn fetch_keys_returns_the_document_unchanged() {
    let issuer = TestIssuer::start();
    for ours in [with_uri(&issuer), super::discovered(&issuer)] {
        issuer.publish(&[&issuer.key]);
        let text = ours.fetch_keys().await.expect("a document");
        assert_eq!(text, issuer.jwks());
        issuer.publish_jwks(vec![json!({"kty": "oct", "k": "AAAA"})]);
        unavailable(ours.fetch_keys().await);
    }
}

/// Waits without blocking the runtime.
async fn wait_for_requests(issuer: TestIssuer, count: usize) -> TestIssuer {
    let waiting = tokio::task::spawn_blocking(move || {
        issuer.wait_for_requests(TestIssuer::JWKS, count);
        issuer
    });
    waiting.await.expect("the request came")
}
