//! Days and time zones as parameters of an address.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::http::HttpError;
use crate::model::{Days, written_day};

/// A calendar day, as `2026-01-31`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::api) struct Day(pub(in crate::api) Date);

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let day = written_day(&text).map(Self);
        day.ok_or("must be a day like 2026-01-31")
    }
}

/// A time zone by its IANA name.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::api) struct Zone(pub(in crate::api) TimeZone);

impl TryFrom<String> for Zone {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let zone = TimeZone::get(&name).ok().filter(|zone| !zone.is_unknown());
        zone.map(Self)
            .ok_or("must be a time zone like Europe/Paris")
    }
}

/// The days from one to another in a time zone, UTC when none is named.
///
/// # Errors
/// 400 when the last lies before the first.
pub(in crate::api) fn days(
    zone: Option<Zone>,
    from: Option<Day>,
    to: Option<Day>,
) -> Result<Days, HttpError> {
    let zone = zone.map_or(TimeZone::UTC, |Zone(zone)| zone);
    let (from, to) = (from.map(|Day(day)| day), to.map(|Day(day)| day));
    Ok(Days::new(zone, from, to)?)
}
