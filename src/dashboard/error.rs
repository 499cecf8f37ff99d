//! Failures as pages: a status, and a sentence for the person.

use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::html;
use url::form_urlencoded::byte_serialize;

use super::page;
use crate::http::TooMany;
use crate::oidc::OidcError;
use crate::sign_in::SignInError;
use crate::store::{Failure, StoreError};

/// Why a page is not shown, or a form did nothing.
#[derive(Debug)]
pub(crate) enum DashboardError {
    /// Nobody has signed in; the page that was asked for.
    SignIn(String),
    BadRequest(String),
    Forbidden(String),
    NotFound(String),
    MethodNotAllowed(Method),
    /// After so many seconds.
    Timeout(u64),
    Conflict(String),
    /// More than so many bytes.
    TooLarge(usize),
    Unprocessable(String),
    /// Another try may succeed after so many seconds.
    TooManyRequests(u64),
    Internal,
    Unavailable(String),
}

impl DashboardError {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignIn(_) => StatusCode::SEE_OTHER,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Timeout(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn sentence(self) -> String {
        match self {
            Self::SignIn(_) => "Sign in first.".to_owned(),
            Self::BadRequest(text)
            | Self::Forbidden(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::Unprocessable(text)
            | Self::Unavailable(text) => text,
            Self::MethodNotAllowed(method) => format!("This page does not take {method}."),
            Self::Timeout(seconds) => {
                format!("The server gave up after {seconds} seconds. Try again.")
            }
            Self::TooLarge(limit) => format!("That is more than {limit} bytes."),
            Self::TooManyRequests(seconds) => {
                format!("Too many requests. Try again after {seconds} seconds.")
            }
            Self::Internal => "Something went wrong on the server, and it was noted.".to_owned(),
        }
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::SignIn(next) => {
                let next: String = byte_serialize(next.as_bytes()).collect();
                let address = match next.as_str() {
                    "%2F" => "/dashboard/sign-in".to_owned(),
                    next => format!("/dashboard/sign-in?next={next}"),
                };
                Some((LOCATION, HeaderValue::try_from(address).ok()?))
            }
            Self::TooManyRequests(seconds) => Some((RETRY_AFTER, (*seconds).into())),
            Self::Unavailable(_) => Some((RETRY_AFTER, HeaderValue::from_static("5"))),
            _ => None,
        }
    }
}

impl IntoResponse for DashboardError {
    fn into_response(self) -> Response {
        let (status, header) = (self.status(), self.header());
        let title = match status {
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::TOO_MANY_REQUESTS => "Too many requests",
            StatusCode::SERVICE_UNAVAILABLE => "Not available",
            _ => "That did not work",
        };
        let content = html! {
            h1 { (title) }
            p { (self.sentence()) }
            p { a href="/" { "To the overview" } }
        };
        let mut response = (status, page::page(None, title, None, content)).into_response();
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<TooMany> for DashboardError {
    fn from(TooMany(seconds): TooMany) -> Self {
        Self::TooManyRequests(seconds)
    }
}

impl From<OidcError> for DashboardError {
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Refused(refusal) => Self::Forbidden(page::sentence(&refusal.to_string())),
            OidcError::Unavailable { detail, cause } => {
                tracing::warn!(cause, "the issuer is unavailable");
                Self::Unavailable(page::sentence(detail))
            }
        }
    }
}

impl From<SignInError> for DashboardError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::NotInvited(why) => Self::Forbidden(page::sentence(&why)),
            SignInError::Issuer(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for DashboardError {
    /// Gives a store's failure its page, and logs the cause of those that are the server's own.
    fn from(error: StoreError) -> Self {
        let text = page::sentence(&error.to_string());
        match error.failure() {
            Failure::Missing => Self::NotFound(text),
            Failure::Gone => Self::SignIn("/".to_owned()),
            Failure::Conflict => Self::Conflict(text),
            Failure::NotAllowed => Self::Forbidden(text),
            Failure::Impossible => Self::Unprocessable(text),
            Failure::Malformed => Self::BadRequest(text),
            Failure::Busy => Self::Unavailable(text),
            Failure::Unavailable => {
                tracing::warn!(%error, "the database is unavailable");
                Self::Unavailable(
                    "The database is not available just now. Try again in a moment.".to_owned(),
                )
            }
            Failure::Fault => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}
