//! Values as people write them in the address of a list, a report or a page.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::{DateTimeParser, Pieces};
use jiff::tz::TimeZone;

/// The fewest characters of a login that are searched for: fewer would list everybody.
const FEWEST_CHARACTERS: usize = 2;
/// No login is longer.
const MOST_CHARACTERS: usize = 64;

/// A day like `2026-01-31`, and in no other form.
#[must_use]
pub fn written_day(text: &str) -> Option<Date> {
    let looks_right = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    text.parse().ok().filter(|_| looks_right)
}

/// The latest instant of a frame. In every time zone it lies in the year 9999, the last one with four digits.
pub const LATEST: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// Why a text is no instant. Completes a sentence such as "its start …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInstant {
    /// Not written as one.
    #[error("is not an RFC 3339 instant with a zone, like 2026-01-31T08:00:00Z")]
    Malformed,
    /// Written as one, but beyond all that there are.
    #[error("is after {LATEST}, the latest instant that can be stored")]
    TooLate,
}

/// An instant with a zone offset or `Z`. Annotations such as `[Europe/Paris]` are not part of RFC 3339.
///
/// # Errors
/// When it is none, or none that there is.
pub fn written_instant(text: &str) -> Result<Timestamp, InvalidInstant> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    // Neither are years before 0, of which some lie before the calendar's beginning.
    if text.contains('[') || text.starts_with('-') {
        return Err(InvalidInstant::Malformed);
    }
    PARSER.parse_timestamp(text).map_err(|_| {
        let pieces = Pieces::parse(text.as_bytes());
        // Whatever is written like this, and cannot be read, lies beyond the calendar's end.
        let is_written = pieces.is_ok_and(|it| it.time().is_some() && it.offset().is_some());
        if is_written {
            InvalidInstant::TooLate
        } else {
            InvalidInstant::Malformed
        }
    })
}

/// The same, or what clocks in a zone show, like `2026-03-01 09:00`: of an hour that comes twice the first, and of one that
/// is left out the one after it.
///
/// # Errors
/// As above.
pub fn written_instant_in(text: &str, zone: &TimeZone) -> Result<Timestamp, InvalidInstant> {
    match (written_instant(text), text.parse::<DateTime>()) {
        (Err(InvalidInstant::Malformed), Ok(local)) if !text.contains('[') => {
            let instant = zone.to_timestamp(local);
            instant.map_err(|_| InvalidInstant::TooLate)
        }
        (instant, _) => instant,
    }
}

/// At least one name; commas stand between them, and blanks around them do not count. None of them is blank, or holds NUL,
/// which no database can store.
#[must_use]
pub fn written_names(text: &str) -> Option<Vec<String>> {
    let names = text.split(',').map(|name| name.trim().to_owned());
    let is_right = |name: &String| !name.is_empty() && !name.contains('\0');
    names.map(|name| Some(name).filter(is_right)).collect()
}

/// The most characters of a name in a message.
const LONGEST_QUOTE: usize = 80;

/// A name that a client sent as it stands in a message: in quotation marks, and cut where it is long.
#[must_use]
pub fn quoted(name: &str) -> String {
    match name.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{:?}", format!("{}…", &name[..end])),
        None => format!("{name:?}"),
    }
}

/// How the login of somebody who is looked for begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPrefix(String);

/// Too much or too little to look for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a search takes 2 to 64 characters of a login")]
pub struct InvalidLoginPrefix;

impl LoginPrefix {
    /// What is worth looking for.
    ///
    /// # Errors
    /// When it is too short, too long, or holds NUL.
    pub fn new(text: String) -> Result<Self, InvalidLoginPrefix> {
        let fits = FEWEST_CHARACTERS..=MOST_CHARACTERS;
        if !fits.contains(&text.chars().count()) || text.contains('\0') {
            return Err(InvalidLoginPrefix);
        }
        Ok(Self(text))
    }

    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
