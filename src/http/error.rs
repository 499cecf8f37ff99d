//! The error of every handler. `problem.rs` renders it for programs, `dashboard::error_page` for
//! people.

use axum::http::header::{CONNECTION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};

use super::invalid_request::InvalidRequest;
use super::rate_limit::TooMany;
use crate::formats::NotThisFormat;
use crate::model::{InvalidDayRange, InvalidLoginPrefix, InvalidTeam};
use crate::oidc::OidcError;
use crate::sign_in::SignInError;
use crate::store::{Failure, NotGranted, StoreError};

/// Why a request failed. The text is for the person who sent it; causes go to the log only.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HttpError {
    /// 400.
    #[error("{0}")]
    BadRequest(String),
    /// 400, 417 or 501.
    #[error("{0}")]
    InvalidRequest(InvalidRequest),
    /// 401: missing or invalid credentials.
    #[error("{0}")]
    Unauthorized(String),
    /// 403: the credentials are valid, but insufficient.
    #[error("{0}")]
    Forbidden(String),
    /// 404: no such route; where Watson's routes are.
    #[error("No such address; Watson's backend.url must end in {0}")]
    NoRoute(String),
    /// 404: no such thing, or another user's.
    #[error("{0}")]
    NotFound(String),
    /// 405.
    #[error("{0} is not supported here")]
    MethodNotAllowed(Method),
    /// 406; the media types on offer.
    #[error("Available only as {0}")]
    NotAcceptable(String),
    /// 408; the limit in seconds.
    #[error(
        "Timed out after {0} seconds, not counting the time during which the request body kept \
         arriving; try again"
    )]
    Timeout(u64),
    /// 409.
    #[error("{0}")]
    Conflict(String),
    /// 413; the limit in bytes.
    #[error("The request body exceeds the limit of {0} bytes")]
    TooLarge(usize),
    /// 415.
    #[error("Compressed request bodies are not supported; send it without Content-Encoding")]
    CompressedBody,
    /// 415: a file to import.
    #[error(
        "Unsupported Content-Type: expected application/json (Watson's own frames file), \
         text/csv, application/jsonl or application/x-ndjson"
    )]
    UnknownFormat,
    /// 422: well-formed, but invalid.
    #[error("{0}")]
    Unprocessable(String),
    /// 429; the seconds to wait.
    #[error("Too many requests; try again in {0} seconds")]
    TooManyRequests(u64),
    /// 500: the cause has been logged.
    #[error("Internal server error; the server's log has the cause under the request id")]
    Internal,
    /// 503: a repeat may succeed.
    #[error("{0}")]
    Unavailable(String),
}

impl HttpError {
    /// The status of the response.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::InvalidRequest(invalid) => invalid.status(),
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NoRoute(_) | Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotAcceptable(_) => StatusCode::NOT_ACCEPTABLE,
            Self::Timeout(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::CompressedBody | Self::UnknownFormat => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The header that belongs to the status.
    pub(super) fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized(_) => {
                Some((WWW_AUTHENTICATE, HeaderValue::from_static("Token, Bearer")))
            }
            Self::TooManyRequests(seconds) => Some((RETRY_AFTER, (*seconds).into())),
            Self::Unavailable(_) => Some((RETRY_AFTER, HeaderValue::from_static("5"))),
            Self::Timeout(_) | Self::TooLarge(_) | Self::InvalidRequest(_) => {
                Some((CONNECTION, HeaderValue::from_static("close")))
            }
            _ => None,
        }
    }
}

impl From<InvalidRequest> for HttpError {
    fn from(invalid: InvalidRequest) -> Self {
        Self::InvalidRequest(invalid)
    }
}

impl From<TooMany> for HttpError {
    fn from(TooMany(seconds): TooMany) -> Self {
        Self::TooManyRequests(seconds)
    }
}

macro_rules! bad_request {
    ($($error:ty),*) => { $(
        impl From<$error> for HttpError {
            fn from(error: $error) -> Self {
                Self::BadRequest(error.to_string())
            }
        }
    )* };
}
bad_request!(
    InvalidDayRange,
    InvalidLoginPrefix,
    InvalidTeam,
    NotThisFormat
);

impl From<NotGranted> for HttpError {
    fn from(error: NotGranted) -> Self {
        if error.is_forbidden() {
            return Self::Forbidden(error.to_string());
        }
        Self::BadRequest(error.to_string())
    }
}

impl From<OidcError> for HttpError {
    /// An issuer that cannot be reached is logged; a refused token is the client's fault.
    fn from(error: OidcError) -> Self {
        match error {
            OidcError::Refused(refusal) => Self::Unauthorized(refusal.to_string()),
            OidcError::Unavailable { detail, cause } => {
                tracing::warn!(cause, "the issuer is unavailable");
                Self::Unavailable(detail.to_owned())
            }
        }
    }
}

impl From<SignInError> for HttpError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::NotInvited(why) => Self::Forbidden(why),
            SignInError::Issuer(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for HttpError {
    /// Logs the cause of the failures that are the server's own.
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error.failure() {
            Failure::Missing => Self::NotFound(text),
            Failure::Gone => Self::Unauthorized(text),
            Failure::Conflict if matches!(error, StoreError::HasFrames(_)) => {
                Self::Conflict(format!("{text}; add ?frames=remove to delete them too"))
            }
            Failure::Conflict => Self::Conflict(text),
            Failure::NotAllowed => Self::Forbidden(text),
            Failure::Impossible => Self::Unprocessable(text),
            Failure::Malformed => Self::BadRequest(text),
            Failure::Busy => Self::Unavailable(text),
            Failure::Unavailable => {
                tracing::warn!(%error, "the database is unavailable");
                Self::Unavailable(
                    "The database is unavailable; try again in a moment, a repeat is safe".into(),
                )
            }
            Failure::Fault => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}
