//! The two cookies: the session's, and that of a sign-in under way at the issuer.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret as _, SecretString};

use crate::http::HttpError;
use crate::http::origin::is_secure;

/// A cookie by its name and by which requests it goes with.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    name: &'static str,
    same_site: SameSite,
    lives: Duration,
}

/// A session. It never goes with a request that another site began.
pub(super) const SESSION: Kind = Kind {
    name: "crick",
    same_site: SameSite::Strict,
    lives: Duration::days(400),
};

/// A sign-in that has gone to the issuer, from where it has to come back with a request that the issuer's site began.
pub(super) const ATTEMPT: Kind = Kind {
    name: "crick-sign-in",
    same_site: SameSite::Lax,
    lives: Duration::minutes(10),
};

impl Kind {
    /// Over TLS the browser makes sure that nobody else has set it (RFC 6265bis, 4.1.3.2).
    fn full_name(self, is_secure: bool) -> String {
        let prefix = if is_secure { "__Host-" } else { "" };
        format!("{prefix}{}", self.name)
    }

    /// What it holds in a request.
    pub(super) fn value(self, headers: &HeaderMap) -> Option<SecretString> {
        let name = self.full_name(is_secure(headers));
        let fields = headers.get_all(COOKIE).iter();
        fields
            .filter_map(|field| field.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == name)
            .map(|cookie| cookie.value().into())
    }

    /// The header that sets it, for the browser that sent `headers`.
    ///
    /// # Errors
    /// When the value cannot stand in a header.
    pub(super) fn set(
        self,
        headers: &HeaderMap,
        value: &SecretString,
    ) -> Result<Header, HttpError> {
        self.header(headers, value.expose_secret(), self.lives)
    }

    /// The header that removes it.
    ///
    /// # Errors
    /// Never, in effect.
    pub(super) fn removed(self, headers: &HeaderMap) -> Result<Header, HttpError> {
        self.header(headers, "", Duration::ZERO)
    }

    fn header(
        self,
        headers: &HeaderMap,
        value: &str,
        lives: Duration,
    ) -> Result<Header, HttpError> {
        let is_secure = is_secure(headers);
        let cookie = Cookie::build((self.full_name(is_secure), value))
            .http_only(true)
            .same_site(self.same_site)
            .secure(is_secure)
            .path("/")
            .max_age(lives);
        let mut value =
            HeaderValue::try_from(cookie.to_string()).map_err(|_| HttpError::Internal)?;
        value.set_sensitive(true);
        Ok((SET_COOKIE, value))
    }
}

/// A header's name and value.
pub(super) type Header = (HeaderName, HeaderValue);
