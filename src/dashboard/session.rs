//! The session of a browser's cookie.

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::tz::TimeZone;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Dashboard, cookie};
use crate::http::HttpError;
use crate::http::address::Address;
use crate::http::request_log;
use crate::model::{Scope, parse_zone};
use crate::store::{Caller, User};

/// A signed-in user, with a token that may read.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The user, and the token of the sign-in.
    pub(super) caller: Caller,
    /// The time zone of all pages.
    pub(super) zone: TimeZone,
    /// The token in each form, see `form.rs`.
    pub(super) csrf: String,
    /// The number of pending invitations.
    pub(super) invitations: i64,
    /// The value of the cookie.
    pub(super) secret: SecretString,
}

impl Session {
    /// The signed-in user.
    pub(super) fn user(&self) -> &User {
        &self.caller.user
    }

    /// Whether this is the token of the sign-in.
    pub(super) fn is_device(&self, id: Uuid) -> bool {
        self.caller.has_token(id)
    }

    /// Whether the token has write access.
    pub(super) fn may_write(&self) -> bool {
        self.caller.may(Scope::Write)
    }

    /// Requires write access.
    pub(super) fn require_write(&self) -> Result<(), HttpError> {
        if self.may_write() {
            return Ok(());
        }
        Err(HttpError::Forbidden(
            "You signed in with a read-only token. Sign in with a token that has write access."
                .to_owned(),
        ))
    }
}

/// The cost of a request against the rate limits.
pub(super) fn cost(method: &Method) -> u32 {
    if method.is_safe() { 1 } else { 2 }
}

impl FromRequestParts<Dashboard> for Session {
    type Rejection = HttpError;

    async fn from_request_parts(
        parts: &mut Parts,
        dashboard: &Dashboard,
    ) -> Result<Self, HttpError> {
        let sign_in = || match parts.method {
            Method::GET | Method::HEAD => HttpError::Unauthorized("Sign in first".to_owned()),
            _ => HttpError::Forbidden(
                "Your session has ended; nothing was saved. Sign in and try again.".to_owned(),
            ),
        };
        let secret = cookie::SESSION.value(&parts.headers).ok_or_else(sign_in)?;
        let Some(session) = dashboard.store.find_session(&secret).await? else {
            let address = Address::of(&parts.extensions, &parts.headers);
            dashboard.rate_limits.failed_authentication(address)?;
            return Err(sign_in());
        };
        let caller = session.caller;
        request_log::user(&parts.extensions, caller.user.id());
        dashboard
            .rate_limits
            .token(caller.key(), cost(&parts.method))?;
        Ok(Self {
            csrf: csrf(&secret),
            caller,
            zone: parse_zone(&session.zone).unwrap_or(TimeZone::UTC),
            invitations: session.invitations,
            secret,
        })
    }
}

/// Derives the token of forms from the cookie, without revealing it.
fn csrf(secret: &SecretString) -> String {
    let digest = Sha256::digest(format!("csrf {}", secret.expose_secret()));
    URL_SAFE_NO_PAD.encode(digest)
}
