//! JSON web tokens: which are accepted, which are refused, and what happens while the issuer is
//! unavailable.

mod claims;
mod discovery;
mod key_file;
mod keys;
mod profile;
mod signature;

use crick_api::config::{KeySource, Oidc};
use crick_api::oidc::{Claims, Issuer, OidcError, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use url::Url;

use crate::support::{AUDIENCE, TestIssuer};

/// The settings for an issuer with this source of keys.
fn settings(issuer: &TestIssuer, keys: KeySource) -> Oidc {
    Oidc {
        issuer: issuer.url(),
        audience: AUDIENCE.to_owned(),
        keys,
        published: None,
        userinfo: None,
        client: None,
    }
}

/// The issuer, with keys from discovery.
fn discovered(issuer: &TestIssuer) -> Issuer {
    Issuer::new(settings(issuer, KeySource::Discovery))
}

/// The issuer, with the address of its keys.
fn with_uri(issuer: &TestIssuer) -> Issuer {
    let keys = KeySource::Uri(url(&issuer.at(TestIssuer::JWKS)));
    Issuer::new(settings(issuer, keys))
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn later(seconds: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(seconds)
}

#[track_caller]
fn refused(result: Result<Claims, OidcError>) -> Refusal {
    match result {
        Err(OidcError::Refused(refusal)) => refusal,
        other => panic!("the token should have been refused: {other:?}"),
    }
}

/// The cause of an unavailable issuer.
#[track_caller]
fn unavailable<T: std::fmt::Debug>(result: Result<T, OidcError>) -> String {
    match result {
        Err(OidcError::Unavailable { cause, .. }) => cause,
        other => panic!("nobody should have been able to tell: {other:?}"),
    }
}

/// A valid token.
fn plain(issuer: &TestIssuer) -> String {
    issuer.token(&json!({}))
}
