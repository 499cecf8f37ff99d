//! Keys from a file, for servers without a network.

use std::fs;

use crick_api::config::KeySource;
use crick_api::oidc::{Issuer, Refusal};
use serde_json::json;

use super::{later, plain, refused, settings, unavailable};
use crate::support::{Kind, SigningKey, TestIssuer};

struct KeyFile {
    issuer: TestIssuer,
    folder: tempfile::TempDir,
    ours: Issuer,
}

impl KeyFile {
    fn new() -> Self {
        let issuer = TestIssuer::start();
        let folder = tempfile::tempdir().expect("a folder");
        let keys = KeySource::File(folder.path().join("jwks.json"));
        let ours = Issuer::new(settings(&issuer, keys));
        Self {
            issuer,
            folder,
            ours,
        }
    }

    /// Replaces the file atomically.
    fn replace(&self, text: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, text).expect("a file");
        fs::rename(new, self.folder.path().join("jwks.json")).expect("renamed");
    }
}

#[tokio::test]
async fn a_missing_or_invalid_file_is_unavailable_until_it_is_replaced() {
    let file = KeyFile::new();
    let token = plain(&file.issuer);
    let cause = unavailable(file.ours.verify(&token, later(0)).await);
    assert!(cause.contains("jwks.json"), "{cause}");
    for text in ["", "{}", r#"{"keys": []}"#, &" ".repeat(2 << 20)] {
        file.replace(text);
        unavailable(file.ours.verify(&token, later(0)).await);
    }
    file.replace(&file.issuer.jwks());
    file.ours.verify(&token, later(0)).await.expect("valid");
    assert_eq!(file.issuer.requests(TestIssuer::JWKS), 0, "no network");
}

#[tokio::test]
async fn a_new_key_works_at_once_and_a_withdrawn_one_is_dropped_within_seconds() {
    let file = KeyFile::new();
    file.replace(&file.issuer.jwks());
    let old = plain(&file.issuer);
    file.ours.verify(&old, later(0)).await.expect("valid");

    let second = SigningKey::new(Kind::Es256, "second");
    let new = second.sign(&file.issuer.claims(&json!({})));
    let refusal = refused(file.ours.verify(&new, later(0)).await);
    assert_eq!(refusal, Refusal::UnknownKey);
    file.issuer.publish(&[&file.issuer.key, &second]);
    file.replace(&file.issuer.jwks());
    file.ours.verify(&new, later(0)).await.expect("the new key");

    file.issuer.publish(&[&second]);
    file.replace(&file.issuer.jwks());
    file.ours
        .verify(&old, later(1))
        .await
        .expect("not looked at yet");
    let refusal = refused(file.ours.verify(&old, later(6)).await);
    assert_eq!(refusal, Refusal::UnknownKey);
}

#[tokio::test]
async fn the_last_valid_file_is_used_while_the_current_one_is_invalid() {
    let file = KeyFile::new();
    file.replace(&file.issuer.jwks());
    let token = plain(&file.issuer);
    file.ours.verify(&token, later(0)).await.expect("valid");
    file.replace("half a docu");
    file.ours.verify(&token, later(10)).await.expect("valid");
    fs::remove_file(file.folder.path().join("jwks.json")).expect("removed");
    file.ours.verify(&token, later(20)).await.expect("valid");
}

#[tokio::test]
async fn keys_in_a_file_are_not_fetched() {
    let cause = unavailable(KeyFile::new().ours.fetch_keys().await);
    assert!(cause.contains("file"), "{cause}");
}
