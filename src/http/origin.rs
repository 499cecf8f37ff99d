//! Where a client thinks that the server is: what it says itself, and the proxy in front for it. Whoever says something
//! else deceives nobody but themselves, because it only stands in what they are answered.

use axum::http::header::HOST;
use axum::http::{HeaderMap, HeaderName};
use url::Url;

/// Says how the client reached the proxy in front.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether the client speaks TLS, to us or to the proxy in front.
pub(crate) fn is_secure(headers: &HeaderMap) -> bool {
    let proto = headers.get(FORWARDED_PROTO);
    proto.is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// The address of the server as the client has it, with a slash at its end.
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
