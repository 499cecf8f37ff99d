//! `last_sync`, which a device sends with a pull.

use axum::http::Uri;
use jiff::Timestamp;

use crate::http::HttpError;
use crate::model::parse_instant;

/// The valid `last_sync` of a query, if there is one.
pub(in crate::api) fn find(uri: &Uri) -> Option<Timestamp> {
    let query = uri.query()?.as_bytes();
    let mut pairs = url::form_urlencoded::parse(query);
    let (_, text) = pairs.find(|(name, _)| name == "last_sync")?;
    parse(&text).ok()
}

/// Parses `last_sync`. A `+` that the client did not escape arrives as a blank.
///
/// # Errors
/// 400 if it is not an instant.
pub(in crate::api) fn parse(text: &str) -> Result<Timestamp, HttpError> {
    let text = text.replacen(' ', "+", usize::from(text.contains('T')));
    parse_instant(&text).map_err(|_| {
        HttpError::BadRequest(
            "Invalid last_sync: expected an RFC 3339 instant with a zone, like \
             2026-01-31T09:00:00+01:00"
                .to_owned(),
        )
    })
}
