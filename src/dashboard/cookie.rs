//! The two cookies: of a session, and of a sign-in that is in progress at the issuer.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use secrecy::{ExposeSecret as _, SecretString};

use crate::http::HttpError;
use crate::http::origin::is_secure;

/// The name and the attributes of a cookie.
#[derive(Clone, Copy)]
pub(super) struct CookieKind {
    name: &'static str,
    same_site: SameSite,
    max_age: Duration,
}

/// A session. Never sent with requests that another site started.
pub(super) const SESSION: CookieKind = CookieKind {
    name: "crick",
    same_site: SameSite::Strict,
    max_age: Duration::days(400),
};

/// A sign-in at the issuer. Must be sent with the request that the issuer's site starts.
pub(super) const ATTEMPT: CookieKind = CookieKind {
    name: "crick-sign-in",
    same_site: SameSite::Lax,
    max_age: Duration::minutes(10),
};

impl CookieKind {
    /// With `__Host-`, browsers reject a cookie that another host set (RFC 6265bis, 4.1.3.2).
    fn full_name(self, is_secure: bool) -> String {
        let prefix = if is_secure { "__Host-" } else { "" };
        format!("{prefix}{}", self.name)
    }

    /// The value in a request.
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

    /// The header that sets the cookie.
    pub(super) fn set(
        self,
        headers: &HeaderMap,
        value: &SecretString,
    ) -> Result<Header, HttpError> {
        self.header(headers, value.expose_secret(), self.max_age)
    }

    /// The header that deletes the cookie.
    pub(super) fn clear(self, headers: &HeaderMap) -> Result<Header, HttpError> {
        self.header(headers, "", Duration::ZERO)
    }

    fn header(
        self,
        headers: &HeaderMap,
        value: &str,
        max_age: Duration,
    ) -> Result<Header, HttpError> {
        let is_secure = is_secure(headers);
        let cookie = Cookie::build((self.full_name(is_secure), value))
            .http_only(true)
            .same_site(self.same_site)
            .secure(is_secure)
            .path("/")
            .max_age(max_age);
        let mut value =
            HeaderValue::try_from(cookie.to_string()).map_err(|_| HttpError::Internal)?;
        value.set_sensitive(true);
        Ok((SET_COOKIE, value))
    }
}

/// A header's name and value.
pub(super) type Header = (HeaderName, HeaderValue);
