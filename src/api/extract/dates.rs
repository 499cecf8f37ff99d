//! Days and time zones as query parameters.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::http::HttpError;
use crate::model::{Days, InvalidDay, InvalidTimeZone, parse_day, parse_zone};

/// A calendar day, as `2026-01-31`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::api) struct Day(pub(in crate::api) Date);

impl TryFrom<String> for Day {
    type Error = InvalidDay;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse_day(&text).map(Self)
    }
}

/// A time zone by its IANA name.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::api) struct Zone(pub(in crate::api) TimeZone);

impl TryFrom<String> for Zone {
    type Error = InvalidTimeZone;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        parse_zone(&name).map(Self)
    }
}

/// The days from one to another in a time zone, by default UTC.
///
/// # Errors
/// 400 when `from` is after `to`.
pub(in crate::api) fn days(
    zone: Option<Zone>,
    from: Option<Day>,
    to: Option<Day>,
) -> Result<Days, HttpError> {
    let zone = zone.map_or(TimeZone::UTC, |Zone(zone)| zone);
    let (from, to) = (from.map(|Day(day)| day), to.map(|Day(day)| day));
    Ok(Days::new(zone, from, to)?)
}
