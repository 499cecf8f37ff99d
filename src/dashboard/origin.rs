//! Whether a request comes from one of our pages.

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName};
use url::Url;

use crate::http::origin::own;

/// Says where a request was begun (Fetch Metadata Request Headers, 2.3).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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
}
