//! Checks which site a form comes from.

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName};
use url::Url;

use crate::http::origin::own;

/// The site that started a request (Fetch Metadata Request Headers, 2.3).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a form may come from one of our pages. If the browser sends neither header, only the
/// form's token can tell.
pub(super) fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        // `none` means typed by the user, which a form never is.
        return site == "same-origin";
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return true;
    };
    // Ignore the port, which a proxy may omit from `Host`.
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
    fn a_form_of_another_site_is_recognized_by_its_headers() {
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
            assert_eq!(
                is_same_origin(&headers(&[host, said])),
                is_ours_then,
                "{said:?}"
            );
        }
    }
}
