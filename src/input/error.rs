//! Why a value is refused.

use std::fmt;

use serde::de;
use serde::de::{Expected, Unexpected};

/// The maximum length of a quote from the client.
const LONGEST_QUOTE: usize = 80;

/// Why an input is refused. The text is for the client and completes "Invalid JSON body: …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) struct InvalidInput {
    /// The path of the value, like `projects[2]`; empty for the whole input.
    path: String,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    /// The input is empty.
    Empty,
    /// A JSON syntax error at this position.
    Syntax { line: usize, column: usize },
    /// A JSON syntax error, without a position.
    NotJson,
    /// The JSON ends in the middle of a value.
    Incomplete,
    /// It is not percent-encoded UTF-8.
    NotUtf8,
    /// The value has the wrong type.
    Expected(String),
    /// An unknown field; the known ones.
    Unknown(String, &'static [&'static str]),
    /// A missing field.
    Missing(&'static str),
    /// A repeated field.
    Repeated(String),
    /// The error of one of our types, which follows the path, like "must be a day".
    Own(String),
}

impl InvalidInput {
    pub(super) fn empty() -> Self {
        Reason::Empty.into()
    }

    pub(super) fn not_utf8() -> Self {
        Reason::NotUtf8.into()
    }

    pub(super) fn syntax(error: &serde_json::Error) -> Self {
        if error.is_eof() {
            return Reason::Incomplete.into();
        }
        let (line, column) = (error.line(), error.column());
        Reason::Syntax { line, column }.into()
    }

    /// The same for a part of a file, without a position, which could be mistaken for the file's.
    pub(super) fn syntax_of_part(error: &serde_json::Error) -> Self {
        if error.is_eof() {
            return Reason::Incomplete.into();
        }
        Reason::NotJson.into()
    }

    pub(super) fn expected(what: impl Into<String>) -> Self {
        Reason::Expected(what.into()).into()
    }

    pub(super) fn repeated(name: &str) -> Self {
        Reason::Repeated(name.to_owned()).into()
    }

    /// The same error for a nested value.
    pub(super) fn inside(mut self, place: &str) -> Self {
        self.path = join(place, &self.path);
        self
    }
}

impl From<Reason> for InvalidInput {
    fn from(reason: Reason) -> Self {
        Self {
            path: String::new(),
            reason,
        }
    }
}

/// Joins two paths. Names come from the client and are truncated.
fn join(outer: &str, inner: &str) -> String {
    let outer: String = outer.chars().take(LONGEST_QUOTE).collect();
    match (outer.as_str(), inner) {
        (_, "") => outer,
        ("", _) => inner.to_owned(),
        _ if inner.starts_with('[') => outer + inner,
        _ => format!("{outer}.{inner}"),
    }
}

/// Lists alternatives: "a, b or c".
fn one_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [only] => (*only).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_str();
        match &self.reason {
            Reason::Empty => f.write_str("it is empty"),
            Reason::Syntax { line, column } => {
                write!(f, "syntax error in line {line}, column {column}")
            }
            Reason::NotJson => f.write_str("it is not valid JSON"),
            Reason::Incomplete => f.write_str("it ends in the middle of a value"),
            Reason::NotUtf8 if path.is_empty() => f.write_str("it is not UTF-8"),
            Reason::NotUtf8 => write!(f, "{path} is not UTF-8"),
            Reason::Expected(what) if path.is_empty() => write!(f, "expected {what}"),
            Reason::Expected(what) => write!(f, "{path} must be {what}"),
            Reason::Unknown(name, known) => {
                let name: String = name.chars().take(LONGEST_QUOTE).collect();
                let name = join(path, &name);
                write!(f, "{name:?} is unknown; expected {}", one_of(known))
            }
            Reason::Missing(name) => write!(f, "{} is missing", join(path, name)),
            Reason::Repeated(name) => write!(f, "{} is given twice", join(path, name)),
            Reason::Own(text) if path.is_empty() => f.write_str(text),
            Reason::Own(text) => write!(f, "{path} {text}"),
        }
    }
}

impl de::Error for InvalidInput {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Reason::Own(text.to_string()).into()
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected.to_string())
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::expected(expected.to_string())
    }

    fn unknown_variant(_: &str, known: &'static [&'static str]) -> Self {
        Self::expected(one_of(known))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> Self {
        Reason::Unknown(name.to_owned(), known).into()
    }

    fn missing_field(name: &'static str) -> Self {
        Reason::Missing(name).into()
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::repeated(name)
    }
}
