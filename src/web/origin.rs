//! Where a browser thinks that the dashboard is, and whether a request comes from one of its pages.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};
use url::Url;

/// Says how the browser reached the proxy in front. A client that says so itself deceives nobody else.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// Says where a request was begun (Fetch Metadata Request Headers, 2.3).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether the browser speaks TLS, to us or to the proxy in front.
pub(super) fn is_secure(headers: &HeaderMap) -> bool {
    let proto = headers.get(FORWARDED_PROTO);
    proto.is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}

/// The address of the server as the browser has it, with a slash at its end.
pub(super) fn own(headers: &HeaderMap) -> Option<Url> {
    let scheme = if is_secure(headers) { "https" } else { "http" };
    let host = headers.get(HOST)?.to_str().ok()?;
    let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
    (url.path() == "/" && url.username().is_empty() && url.query().is_none()).then_some(url)
}

/// Whether a form may have been sent by one of our pages, as far as the browser says where it was. One that says nothing
/// is told by the form's own token alone.
pub(super) fn is_ours(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        // `none`: typed by the person, which a form never is.
        return site == "same-origin";
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    // Without the port: a proxy may leave it out of `Host`.
    let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
    let own = own(headers);
    match (origin, own) {
        (Some(origin), Some(own)) => origin.host() == own.host(),
        _ => false,
    }
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
    fn a_form_of_another_page_is_told_by_what_the_browser_says() {
        let host = ("host", "crick.example");
        for (said, is_ours_then) in [
            (("sec-fetch-site", "same-origin"), true),
            (("sec-fetch-site", "same-site"), false),
            (("sec-fetch-site", "cross-site"), false),
            (("sec-fetch-site", "none"), false),
            (("origin", "https://crick.example"), true),
            (("origin", "https://crick.example:8443"), true),
            (("origin", "https://evil.example"), false),
            (("origin", "null"), false),
            (("accept", "text/html"), true),
        ] {
            assert_eq!(is_ours(&headers(&[host, said])), is_ours_then, "{said:?}");
        }
    }

    #[test]
    fn the_own_address_is_the_hosts_in_the_proxys_scheme() {
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
