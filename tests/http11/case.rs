//! A request by the byte, and what a server may do with it.

use super::verdict::Expected;

/// A case.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) first: Vec<u8>,
    /// Another request on the same connection, if it is still open.
    pub(super) second: Option<Vec<u8>>,
    pub(super) expected: Expected,
}

/// The header field that most requests have.
pub(super) const HOST: &str = "Host: crick.example\r\n";

/// Stands for a token that may sync.
pub(super) const TOKEN: &str = "TOKEN";

impl Case {
    pub(super) fn new(name: &'static str, first: impl Into<Vec<u8>>, expected: Expected) -> Self {
        Self {
            name,
            first: first.into(),
            second: None,
            expected,
        }
    }

    /// The same, with a plain second request.
    pub(super) fn then_get(mut self) -> Self {
        self.second = Some(get("").into());
        self
    }

    /// The same, with a second request of its own.
    pub(super) fn then(mut self, second: impl Into<Vec<u8>>) -> Self {
        self.second = Some(second.into());
        self
    }
}

/// A request for what is always there, with more header fields.
pub(super) fn get(fields: &str) -> String {
    format!("GET /livez HTTP/1.1\r\n{HOST}{fields}\r\n")
}

/// A push with more header fields.
pub(super) fn post(fields: &str, body: &str) -> String {
    post_by("HTTP/1.1", fields, body)
}

/// The same by a version of the protocol.
pub(super) fn post_by(version: &str, fields: &str, body: &str) -> String {
    format!(
        "POST /watson/frames/bulk {version}\r\n{HOST}Authorization: Token {TOKEN}\r\n{fields}\r\n{body}"
    )
}

/// A push in chunks, as they are.
pub(super) fn chunks(chunks: &str) -> String {
    post("Transfer-Encoding: chunked\r\n", chunks)
}

/// A list of frames of five bytes, and of ten.
pub(super) const FIVE: &str = "[   ]";
pub(super) const TEN: &str = "[        ]";
