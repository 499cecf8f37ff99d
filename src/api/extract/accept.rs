//! Which of several media types a client would rather have (RFC 9110, 12.5.1).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// A media range of an `Accept` header.
struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    /// From 0, not at all, to 1.
    quality: f32,
}

impl<'a> Range<'a> {
    /// Reads one; none when it is not written as it has to be. Parameters other than `q` are left alone.
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';');
        let (kind, subtype) = parts.next()?.trim().split_once('/')?;
        let mut quality = 1.0;
        for parameter in parts {
            let (name, value) = parameter.split_once('=')?;
            if name.trim().eq_ignore_ascii_case("q") {
                quality = value.trim().parse().ok()?;
            }
        }
        let is_right = !kind.is_empty() && !subtype.is_empty() && (0.0..=1.0).contains(&quality);
        is_right.then_some(Self {
            kind,
            subtype,
            quality,
        })
    }

    /// How exactly it names a media type: 3 by name, 2 by its kind, 1 with all others, 0 not at all.
    fn fit(&self, offer: &str) -> u8 {
        let (kind, subtype) = offer.split_once('/').unwrap_or((offer, ""));
        match (self.kind, self.subtype) {
            ("*", "*") => 1,
            (of, "*") if of.eq_ignore_ascii_case(kind) => 2,
            (of, name) if of.eq_ignore_ascii_case(kind) && name.eq_ignore_ascii_case(subtype) => 3,
            _ => 0,
        }
    }
}

/// The place of the offer that the client likes best; of equals, what it names more exactly, then the first. Without an
/// `Accept` that can be read it is the first; none when all are refused.
pub(in crate::api) fn choose(headers: &HeaderMap, offers: &[&str]) -> Option<usize> {
    let fields = headers.get_all(ACCEPT).iter();
    let ranges: Vec<Range<'_>> = fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(','))
        .filter_map(Range::parse)
        .collect();
    if ranges.is_empty() {
        return Some(0);
    }
    let mut best: Option<(f32, u8, usize)> = None;
    for (at, offer) in offers.iter().enumerate() {
        // The range that names it most exactly says how much it is liked.
        let fitting = ranges.iter().map(|range| (range.fit(offer), range));
        let Some((fit, range)) = fitting
            .max_by_key(|(fit, _)| *fit)
            .filter(|(fit, _)| *fit > 0)
        else {
            continue;
        };
        let is_better =
            best.is_none_or(|(quality, exact, _)| (range.quality, fit) > (quality, exact));
        if range.quality > 0.0 && is_better {
            best = Some((range.quality, fit, at));
        }
    }
    best.map(|(_, _, at)| at)
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
