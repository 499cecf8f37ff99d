//! One failure, one status, one JSON body: `application/problem+json` (RFC 9457) with `type`, `title`, `status` and
//! `detail`. Watson prints it to its user.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{InvalidRequest, TooMany};
use crate::oidc::OidcError;
use crate::sign_in::SignInError;
use crate::store::{Failure, StoreError};

/// Why a request was not done. The text is for the person at the other end; causes go to the log only.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 400.
    #[error("{0}")]
    BadRequest(String),
    /// 400, 417 or 501: the request as a whole is invalid.
    #[error("{0}")]
    InvalidRequest(InvalidRequest),
    /// 401: no, or no valid, credentials.
    #[error("{0}")]
    Unauthorized(String),
    /// 403: the credentials are valid, but do not allow this.
    #[error("{0}")]
    Forbidden(String),
    /// 404: no such route.
    #[error("there is nothing at this address; Watson's backend.url must end in {0}")]
    NoRoute(String),
    /// 404: no such thing, or somebody else's.
    #[error("{0}")]
    NotFound(String),
    /// 405.
    #[error("{0} is not possible here")]
    MethodNotAllowed(Method),
    /// 406: the client accepts none of these.
    #[error("this can be had as {0} only")]
    NotAcceptable(String),
    /// 408: the request was not complete, or not answered, in time.
    #[error(
        "the request took longer than {0} seconds, not counting the time during which its body \
         kept arriving"
    )]
    Timeout(u64),
    /// 409.
    #[error("{0}")]
    Conflict(String),
    /// 413; the limit in bytes.
    #[error("the request's body is larger than the limit of {0} bytes")]
    TooLarge(usize),
    /// 415.
    #[error("a compressed request body is not understood; send it without Content-Encoding")]
    CompressedBody,
    /// 415: a file to import.
    #[error(
        "a file to import is application/json (Watson's own frames file), text/csv, application/jsonl or application/x-ndjson; its Content-Type says which"
    )]
    UnknownFormat,
    /// 422: understood, but it cannot be.
    #[error("{0}")]
    Unprocessable(String),
    /// 429; the seconds after which it is worth trying again.
    #[error("too many requests; try again in {0} seconds")]
    TooManyRequests(u64),
    /// 500: the cause was logged, or a panic was.
    #[error("something went wrong on the server; the request id finds it in the server's log")]
    Internal,
    /// 503: worth trying again.
    #[error("{0}")]
    Unavailable(String),
}

/// The body of every error (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    /// `about:blank`: there is no more to say than the status does.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What is wrong, for the person.
    detail: String,
}

impl ApiError {
    fn status(&self) -> StatusCode {
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

    /// A header that belongs to the status.
    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        match self {
            Self::Unauthorized(_) => Some((
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Token, Bearer"),
            )),
            Self::TooManyRequests(seconds) => Some((header::RETRY_AFTER, (*seconds).into())),
            Self::Unavailable(_) => Some((header::RETRY_AFTER, HeaderValue::from_static("5"))),
            Self::Timeout(_) | Self::TooLarge(_) | Self::InvalidRequest(_) => {
                Some((header::CONNECTION, HeaderValue::from_static("close")))
            }
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let problem = Problem {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: self.to_string(),
        };
        let mut response = (status, Json(problem)).into_response();
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        if let Some((name, value)) = self.header() {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// Words the refusal of an invalid request.
pub fn refuse_invalid(request: InvalidRequest) -> Response {
    ApiError::InvalidRequest(request).into_response()
}

impl From<TooMany> for ApiError {
    fn from(TooMany(seconds): TooMany) -> Self {
        Self::TooManyRequests(seconds)
    }
}

impl From<OidcError> for ApiError {
    /// A refused token is the client's business; an issuer out of reach is logged.
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

impl From<SignInError> for ApiError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::NotInvited(why) => Self::Forbidden(why),
            SignInError::Issuer(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for ApiError {
    /// Gives a store's failure its status, and logs the cause of those that are the server's own.
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error.failure() {
            Failure::Missing => Self::NotFound(text),
            Failure::Gone => Self::Unauthorized(text),
            Failure::Conflict if matches!(error, StoreError::HasFrames(_)) => {
                Self::Conflict(format!("{text}; add ?frames=remove to remove them too"))
            }
            Failure::Conflict => Self::Conflict(text),
            Failure::NotAllowed => Self::Forbidden(text),
            Failure::Impossible => Self::Unprocessable(text),
            Failure::Malformed => Self::BadRequest(text),
            Failure::Busy => Self::Unavailable(text),
            Failure::Unavailable => {
                tracing::warn!(%error, "the database is unavailable");
                Self::Unavailable(
                    "the database is not available just now; try again, a repeat changes nothing"
                        .into(),
                )
            }
            Failure::Fault => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}
