//! Who looks at a page: the session that a browser's cookie stands for.

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

/// Somebody who has signed in, and may read.
#[derive(Clone, Debug)]
pub(super) struct Visitor {
    /// Who it is, and what the token by which they signed in allows.
    pub(super) caller: Caller,
    /// In which days and hours are shown.
    pub(super) zone: TimeZone,
    /// What every form of theirs carries, so that no other page can make one. See `form.rs`.
    pub(super) csrf: String,
    /// How many invitations to teams wait for an answer.
    pub(super) invitations: i64,
    /// The session's.
    pub(super) secret: SecretString,
}

impl Visitor {
    /// Whose time it is.
    pub(super) fn user(&self) -> &User {
        &self.caller.user
    }

    /// Whether they signed in with the token of this device.
    pub(super) fn is_device(&self, id: Uuid) -> bool {
        self.caller.has_token(id)
    }

    /// Whether they may change something.
    pub(super) fn may_write(&self) -> bool {
        self.caller.may(Scope::Write)
    }

    /// Lets through those who may change something.
    ///
    /// # Errors
    /// 403 for those who may not.
    pub(super) fn must_write(&self) -> Result<(), HttpError> {
        if self.may_write() {
            return Ok(());
        }
        Err(HttpError::Forbidden(
            "You signed in with a read-only token. Sign in with a token that has write access."
                .to_owned(),
        ))
    }
}

/// What a request counts for against the limits.
pub(super) fn cost(method: &Method) -> u32 {
    if method.is_safe() { 1 } else { 2 }
}

impl FromRequestParts<Dashboard> for Visitor {
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

/// Follows from the session's secret, and tells nothing of it.
fn csrf(secret: &SecretString) -> String {
    let digest = Sha256::digest(format!("csrf {}", secret.expose_secret()));
    URL_SAFE_NO_PAD.encode(digest)
}
