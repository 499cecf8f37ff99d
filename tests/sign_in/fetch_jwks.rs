//! A server without a network, with a key file that `fetch-jwks` updates.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::named;
use crate::support::{AUDIENCE, Crick, Database, Engine, Kind, Mood, SigningKey, TestIssuer};

#[test]
fn fetched_keys_are_used_and_reloaded_when_they_change() {
    let mut issuer = TestIssuer::start();
    let url = issuer.url();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("jwks.json");
    let path = file.display().to_string();
    let settings = [
        "--oidc-issuer",
        &*url,
        "--oidc-audience",
        AUDIENCE,
        "--oidc-jwks-file",
        &*path,
        "--registration",
        "open",
    ];
    let crick = Crick::start_with(Engine::sqlite(), &settings);
    let ada = crick.with_token(&issuer.token(&named("ada")));
    ada.get("/users/me").problem(503);

    let fetch = || {
        crick
            .database
            .crick(&[&settings[..6], &["fetch-jwks"]].concat())
    };
    fetch().succeeded();
    assert_eq!(
        fs::metadata(&file).expect("the file").permissions().mode() & 0o777,
        0o644
    );
    assert_eq!(ada.get("/users/me").status, 200);
    let asked = issuer.requests(TestIssuer::JWKS);

    issuer.key = SigningKey::new(Kind::EdDsa, "second");
    let later = crick.with_token(&issuer.token(&named("ada")));
    later.get("/users/me").problem(401);
    issuer.set_mood(Mood::Garbage);
    let garbage = fetch().failed();
    let words = "this is not a discovery document\n";
    assert!(garbage.stderr.ends_with(words), "{garbage:?}");
    assert_eq!(ada.get("/users/me").status, 200, "the old keys stay");
    issuer.set_mood(Mood::Up);
    issuer.publish(&[&issuer.key]);
    fetch().succeeded();
    assert_eq!(later.get("/users/me").status, 200);
    assert_eq!(
        issuer.requests(TestIssuer::JWKS),
        asked + 1,
        "the server itself asks nobody"
    );
}

#[test]
fn an_unreachable_issuer_is_reported_with_the_cause_only() {
    let settings = [
        "--oidc-issuer",
        "http://127.0.0.1:1/",
        "--oidc-audience",
        AUDIENCE,
        "fetch-jwks",
        "jwks.json",
    ];
    let ran = Database::at("sqlite::memory:").crick(&settings).failed();
    assert_eq!(
        ran.stderr,
        "crick-api-server: cannot fetch the keys: http://127.0.0.1:1/.well-known/openid-configuration: \
         Connection refused (os error 111)\n"
    );
}
