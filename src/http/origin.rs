//! The server's address as the client and the proxy state it. It is used only in responses to that
//! client, so a false one harms no one else.

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName};
use url::Url;

/// The scheme with which the client reached the proxy.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the client uses TLS.
pub(crate) fn is_secure(headers: &HeaderMap) -> bool {
    let proto = headers.get(FORWARDED_PROTO);
    proto.is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// The server's URL as the client knows it, with a trailing slash.
pub(crate) fn own(headers: &HeaderMap) -> Option<Url> {
    let scheme = if is_secure(headers) { "https" } else { "http" };
    let host = headers.get(HOST)?.to_str().ok()?;
    let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
    (url.path() == "/" && url.username().is_empty() && url.query().is_none()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                value.parse().expect("a value"),
            )
        });
        pairs.collect()
    }

    #[test]
    fn the_own_address_has_the_host_and_the_scheme_of_the_proxy() {
        let own = |pairs: &[(&'static str, &str)]| own(&headers(pairs)).map(String::from);
        let host = ("host", "crick.example:7878");
        assert_eq!(own(&[host]).as_deref(), Some("http://crick.example:7878/"));
        assert_eq!(
            own(&[host, ("x-forwarded-proto", "https")]).as_deref(),
            Some("https://crick.example:7878/")
        );
        for host in ["", "a b", "ada@crick.example", "crick.example/path", "x?y"] {
            assert_eq!(own(&[("host", host)]), None, "{host}");
        }
    }
}
