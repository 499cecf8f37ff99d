//! Values as people write them in the address of a list, a report or a page.

use jiff::civil::Date;

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
