//! What makes a request invalid.

use axum::http::StatusCode;

/// What is invalid about a request. The text is for the author of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRequest {
    /// RFC 9112, 3.2: 400.
    #[error("The request has no Host header")]
    NoHost,
    /// The same.
    #[error("The request has more than one Host header")]
    SeveralHosts,
    /// The same.
    #[error("The Host header is not a host with an optional port, like api.example.org:443")]
    Host,
    /// RFC 9112, 3.2: the target is not one of the four forms, or not the method's.
    #[error("The request target is not a path with an optional query; percent-encode all else")]
    Target,
    /// RFC 9110, 9.3.6: this is no proxy.
    #[error("CONNECT is not supported")]
    Connect,
    /// RFC 9112, 6.1: chunked is applied once.
    #[error("The request body is chunked more than once")]
    ChunkedTwice,
    /// RFC 9112, 6.1: 501.
    #[error("Transfer codings other than chunked are not supported")]
    UnknownCoding,
    /// RFC 9110, 10.1.1: 417.
    #[error("The only supported expectation is 100-continue")]
    Expectation,
}

impl InvalidRequest {
    /// The status that the RFC demands.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::NoHost | Self::SeveralHosts | Self::Host | Self::Target | Self::ChunkedTwice => {
                StatusCode::BAD_REQUEST
            }
            Self::Connect | Self::UnknownCoding => StatusCode::NOT_IMPLEMENTED,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
        }
    }
}
