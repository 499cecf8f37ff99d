//! The claims of a token (RFC 7519) and their verification.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::Refusal;

/// The accepted difference between the clocks of the issuer and this server.
const LEEWAY: SignedDuration = SignedDuration::from_secs(30);
/// The maximum length of `sub` in characters (OpenID Connect Core, section 2).
const SUBJECT_LIMIT: usize = 255;

/// The claims of a token. Personal data: never logged, and hidden by `Debug`.
#[derive(Clone)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(super) fn new(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    /// The issuer's identifier of the bearer, unique among its users.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    /// A claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether a claim is this string, or a list that contains it.
    #[must_use]
    pub fn contains(&self, name: &str, value: &str) -> bool {
        match self.0.get(name) {
            Some(Value::String(text)) => text == value,
            Some(Value::Array(list)) => list.iter().any(|item| item == value),
            _ => false,
        }
    }

    /// Whether a claim is true; some issuers send it as a string.
    #[must_use]
    pub fn is_true(&self, name: &str) -> bool {
        self.0
            .get(name)
            .is_some_and(|value| value == &Value::Bool(true) || value == "true")
    }

    /// Verifies everything but the signature.
    pub(super) fn verify(
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

    /// A claim that is a NumericDate: seconds since 1970, with fractions.
    fn date(&self, name: &str) -> Result<Option<f64>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(Refusal::Malformed),
        }
    }

    /// These claims, replaced by those of `other` where both have one.
    ///
    /// `email` and `email_verified` must come from the same source.
    pub(super) fn merge(&self, other: &Self) -> Self {
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
