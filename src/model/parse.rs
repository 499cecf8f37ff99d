//! Parsers for values in queries, files and forms, shared by API and dashboard.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::{DateTimeParser, Pieces};
use jiff::tz::TimeZone;

use super::MOST_NAMES;

/// The minimum length of a login search; a shorter one would list everyone.
const FEWEST_CHARACTERS: usize = 2;
/// The maximum length of a login.
const MOST_CHARACTERS: usize = 64;

/// The text is not a day. Completes a sentence such as "`from` …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a day like 2026-01-31")]
pub struct InvalidDay;

/// Parses a day like `2026-01-31`, and no other form of a date.
///
/// # Errors
/// When the text is not such a day.
pub fn parse_day(text: &str) -> Result<Date, InvalidDay> {
    let looks_right = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let day = text.parse().ok().filter(|_| looks_right);
    day.ok_or(InvalidDay)
}

/// The text is not the name of a time zone. Completes a sentence such as "`tz` …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a time zone like Europe/Paris")]
pub struct InvalidTimeZone;

/// Returns the time zone of an IANA name. `Etc/Unknown` has no rules and is refused.
///
/// # Errors
/// When there is no such zone.
pub fn parse_zone(name: &str) -> Result<TimeZone, InvalidTimeZone> {
    let zone = TimeZone::get(name).ok().filter(|zone| !zone.is_unknown());
    zone.ok_or(InvalidTimeZone)
}

/// The latest instant of a frame: in every time zone it is in 9999, the last year with four digits.
pub const LATEST: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// The text is not an instant. Completes a sentence such as "its start …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInstant {
    /// Not in the format.
    #[error("is not an RFC 3339 instant with a zone, like 2026-01-31T08:00:00Z")]
    Malformed,
    /// In the format, but out of range.
    #[error("is after {LATEST}, the latest instant that can be stored")]
    TooLate,
}

/// Parses an instant with an offset or `Z`. Annotations such as `[Europe/Paris]` are not part of
/// RFC 3339.
///
/// # Errors
/// When the text is malformed or out of range.
pub fn parse_instant(text: &str) -> Result<Timestamp, InvalidInstant> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    // Nor are years before 0, some of which are out of jiff's range.
    if text.contains('[') || text.starts_with('-') {
        return Err(InvalidInstant::Malformed);
    }
    PARSER.parse_timestamp(text).map_err(|_| {
        let pieces = Pieces::parse(text.as_bytes());
        // Well-formed text that cannot be parsed is after the calendar's end.
        let is_well_formed = pieces.is_ok_and(|it| it.time().is_some() && it.offset().is_some());
        if is_well_formed {
            InvalidInstant::TooLate
        } else {
            InvalidInstant::Malformed
        }
    })
}

/// Parses an instant, or a local time in a zone like `2026-03-01 09:00`. Of a repeated hour it is
/// the first, and a skipped one is moved to after the gap.
///
/// # Errors
/// When the text is malformed or out of range.
pub fn parse_local_instant(text: &str, zone: &TimeZone) -> Result<Timestamp, InvalidInstant> {
    match (parse_instant(text), text.parse::<DateTime>()) {
        (Err(InvalidInstant::Malformed), Ok(local)) if !text.contains('[') => {
            let instant = zone.to_timestamp(local);
            instant.map_err(|_| InvalidInstant::TooLate)
        }
        (instant, _) => instant,
    }
}

/// The text is not a list of names. Completes a sentence such as "`tags` …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be names with commas between them, none of them blank or with NUL")]
pub struct InvalidNames;

/// Splits a list of names at its commas and trims each name.
///
/// # Errors
/// When a name is blank or contains NUL, which no database can store.
pub fn parse_names(text: &str) -> Result<Vec<String>, InvalidNames> {
    let names = text.split(',').map(|name| name.trim().to_owned());
    let is_valid = |name: &String| !name.is_empty() && !name.contains('\0');
    let names: Option<_> = names.map(|name| Some(name).filter(is_valid)).collect();
    names.ok_or(InvalidNames)
}

/// A filter has more than [`MOST_NAMES`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at most {MOST_NAMES} different names can be selected")]
pub struct TooManyNames;

/// Sorts the names of a filter and drops duplicates.
///
/// # Errors
/// When more than [`MOST_NAMES`] remain.
pub fn unique_names(mut names: Vec<String>) -> Result<Vec<String>, TooManyNames> {
    names.sort_unstable();
    names.dedup();
    if names.len() > MOST_NAMES {
        return Err(TooManyNames);
    }
    Ok(names)
}

/// The maximum length of a name in a message.
const LONGEST_QUOTE: usize = 80;

/// Quotes a client's name for a message, and shortens it.
#[must_use]
pub fn quoted(name: &str) -> String {
    match name.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{:?}", format!("{}…", &name[..end])),
        None => format!("{name:?}"),
    }
}

/// The first characters of a login to search for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPrefix(String);

/// The text is too short or too long to search for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("search for 2 to 64 characters of a username")]
pub struct InvalidLoginPrefix;

impl LoginPrefix {
    /// Checks a search text.
    ///
    /// # Errors
    /// When it is too short, too long, or contains NUL.
    pub fn new(text: String) -> Result<Self, InvalidLoginPrefix> {
        let fits = FEWEST_CHARACTERS..=MOST_CHARACTERS;
        if !fits.contains(&text.chars().count()) || text.contains('\0') {
            return Err(InvalidLoginPrefix);
        }
        Ok(Self(text))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
