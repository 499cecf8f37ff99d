//! Chooses among media types by `Accept` (RFC 9110, 12.5.1).

use std::cmp::Reverse;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// The index of the offer that the client prefers: by quality, then by how exactly it is named,
/// then the first. Without a readable `Accept` it is the first; `None` if all are refused.
pub(in crate::api) fn choose(headers: &HeaderMap, offers: &[&str]) -> Option<usize> {
    let fields = headers.get_all(ACCEPT).iter();
    let ranges: Vec<(String, u16)> = fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(','))
        .filter_map(parse_range)
        .collect();
    if ranges.is_empty() {
        return Some(0);
    }
    let rated = offers.iter().enumerate().filter_map(|(index, offer)| {
        let fitting = ranges
            .iter()
            .filter_map(|(range, quality)| Some((precision(range, offer)?, *quality)));
        // The most exact range decides about the quality.
        let (precision, quality) = fitting.max_by_key(|(precision, _)| *precision)?;
        (quality > 0).then_some((quality, precision, Reverse(index)))
    });
    rated.max().map(|(_, _, Reverse(index))| index)
}

/// A media range and its quality in thousandths. Parameters other than `q` are ignored.
fn parse_range(text: &str) -> Option<(String, u16)> {
    let text = text.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| range.contains('/'))?;
    let quality = parts.find_map(|parameter| parameter.strip_prefix("q="));
    let quality: f32 = quality.unwrap_or("1").parse().ok()?;
    (0.0..=1.0)
        .contains(&quality)
        .then(|| (range.to_owned(), (quality * 1000.0) as u16))
}

/// How exactly a range names an offer: 3 by its name, 2 by its type, 1 among all others.
fn precision(range: &str, offer: &str) -> Option<u8> {
    let kind = offer.split('/').next();
    match range {
        "*/*" => Some(1),
        _ if range == offer => Some(3),
        _ => (range.strip_suffix("/*") == kind).then_some(2),
    }
}
#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_best_liked_offer_is_chosen() {
        let offers = ["application/json", "text/csv", "text/calendar"];
        for (accept, chosen) in [
            ("", Some(0)),
            ("nonsense", Some(0)),
            ("*/*", Some(0)),
            ("application/*", Some(0)),
            ("text/*", Some(1)),
            ("text/calendar", Some(2)),
            ("TEXT/CSV", Some(1)),
            (
                "text/csv;header=present;q=0.9, application/json;q=0.8",
                Some(1),
            ),
            ("application/json;q=0.5, text/calendar;q=0.6", Some(2)),
            ("text/html,application/xhtml+xml,*/*;q=0.8", Some(0)),
            ("application/json, text/plain, */*", Some(0)),
            ("text/csv, */*", Some(1)),
            ("*/*, application/json;q=0, text/csv;q=0", Some(2)),
            ("text/html", None),
            ("text/csv;q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(accept).expect("a header"));
            assert_eq!(choose(&headers, &offers), chosen, "{accept}");
        }
        assert_eq!(choose(&HeaderMap::new(), &offers), Some(0));
    }
}
