//! Promises about JSON web tokens: which are believed, which are not, and what happens while nobody can tell.

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

/// The settings for an issuer whose keys are at this place.
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

/// The issuer, found by discovery.
fn discovered(issuer: &TestIssuer) -> Issuer {
    Issuer::new(settings(issuer, KeySource::Discovery))
}

/// The issuer, its keys at their address.
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

/// The cause, for the log.
#[track_caller]
fn unavailable<T: std::fmt::Debug>(result: Result<T, OidcError>) -> String {
    match result {
        Err(OidcError::Unavailable { cause, .. }) => cause,
        other => panic!("nobody should have been able to tell: {other:?}"),
    }
}

/// A valid token with nothing special about it.
fn plain(issuer: &TestIssuer) -> String {
    issuer.token(&json!({}))
}
