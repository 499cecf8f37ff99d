//! What a token says (RFC 7519), and what it must say to be ours.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::Refusal;

/// How far the issuer's clock may be from ours.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
/// The longest `sub` (OpenID Connect Core, section 2), in characters.
const SUBJECT_LIMIT: usize = 255;

/// The claims of a token. They are about a person: never logged, and not shown by `Debug`.
#[derive(Clone)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(super) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// Whose token it is, in the issuer's words; never the same for two people.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// A claim that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether a claim is this text, or a list with this text in it.
    #[must_use]
    pub fn contains(&self, name: &str, value: &str) -> bool {
        match self.0.get(name) {
            Some(Value::String(text)) => text == value,
            Some(Value::Array(list)) => list.iter().any(|item| item == value),
            _ => false,
        }
    }

    /// Whether a claim is true; some issuers write it as a text.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.0
            .get(name)
            .is_some_and(|value| value == &Value::Bool(true) || value == "true")
    }

    /// Checks everything but the signature.
    pub(super) fn check(
        &self,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.text("iss") != Some(issuer) {
            return Err(Refusal::Issuer);
        }
        if !self.contains("aud", audience) {
            return Err(Refusal::Audience);
        }
        let (now, leeway) = (now.as_duration().as_secs_f64(), LEEWAY.as_secs_f64());
        if self.date("exp")?.ok_or(Refusal::NoExpiry)? + leeway <= now {
            return Err(Refusal::Expired);
        }
        if self.date("nbf")?.is_some_and(|start| start - leeway > now) {
            return Err(Refusal::NotYetValid);
        }
        let subject = self.subject();
        if subject.is_empty()
            || subject.chars().count() > SUBJECT_LIMIT
            || subject.contains(char::is_control)
        {
            return Err(Refusal::Subject);
        }
        Ok(())
    }

    /// A claim that is a NumericDate: seconds since 1970, fractions allowed.
    fn date(&self, name: &str) -> Result<Option<f64>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(Refusal::Malformed),
        }
    }

    /// These claims, with those of `other` in place of ours where both have one.
    ///
    /// An email and whether it is verified must be from the same source.
    pub(super) fn overlaid_with(&self, other: &Self) -> Self {
        let mut claims = self.0.clone();
        if other.0.contains_key("email") {
            claims.remove("email_verified");
        }
        claims.extend(other.0.clone());
        Self(claims)
    }
}

impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").finish_non_exhaustive()
    }
}
