//! What stands in an address or in a form that was sent: names and texts, each taken once, and nothing left over.

use std::fmt::Display;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::form_urlencoded;

use crate::http::HttpError;
use crate::input;
use crate::input::InvalidInput;

/// Something in the address or the form makes no sense. The text is for the person.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub(super) struct InvalidParameter(pub(super) String);

/// A value that the model refuses, in its words.
pub(super) fn invalid(error: impl Display) -> InvalidParameter {
    InvalidParameter(error.to_string())
}

/// The names and texts that are not taken yet, in their order.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads those of an address.
    ///
    /// # Errors
    /// When one holds the character NUL, or something is not UTF-8.
    pub(super) fn parse(query: &str) -> Result<Self, InvalidParameter> {
        Self::new(
            input::pairs(query.as_bytes())
                .map_err(unreadable)?
                .into_iter(),
        )
    }

    /// A field that was left empty is none, though a tag may be blank, and a tag or project that is named in a link or in a
    /// box may be empty; and NUL no database can store.
    fn new(pairs: impl Iterator<Item = (String, String)>) -> Result<Self, InvalidParameter> {
        let pairs: Vec<_> = pairs
            .filter(|(name, value)| match name.as_str() {
                "tag" | "encoded_tag" | "project" | "encoded_project" => true,
                "add_tag" | "add_project" => !value.is_empty(),
                _ => !value.trim().is_empty(),
            })
            .collect();
        if pairs.iter().any(|(_, value)| value.contains('\0')) {
            return Err(InvalidParameter(
                "Text cannot contain the character NUL.".to_owned(),
            ));
        }
        Ok(Self(pairs))
    }

    /// The text of a name that stands there once, if it does.
    ///
    /// # Errors
    /// When it stands there more than once.
    pub(super) fn one(&mut self, name: &str) -> Result<Option<String>, InvalidParameter> {
        let mut values = self.all(name);
        if values.len() > 1 {
            return Err(InvalidParameter(format!(
                "“{name}” is given more than once."
            )));
        }
        Ok(values.pop())
    }

    /// All texts of a name.
    pub(super) fn all(&mut self, name: &str) -> Vec<String> {
        let taken = self.0.extract_if(.., |(other, _)| other == name);
        taken.map(|(_, value)| value).collect()
    }

    /// Makes sure that nothing is left.
    ///
    /// # Errors
    /// Names what nobody asked for.
    pub(super) fn nothing_else(&self) -> Result<(), InvalidParameter> {
        match self.0.first() {
            Some((name, _)) => Err(InvalidParameter(format!("Unknown parameter “{name}”."))),
            None => Ok(()),
        }
    }
}

impl From<InvalidParameter> for HttpError {
    fn from(InvalidParameter(why): InvalidParameter) -> Self {
        Self::BadRequest(why)
    }
}

fn unreadable(error: InvalidInput) -> InvalidParameter {
    InvalidParameter(format!("Invalid address: {error}."))
}

/// The parameters of an address for a structure, in which unknown ones are ignored.
pub(super) struct Query<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let query = parts.uri.query().unwrap_or_default();
        let read = input::read_pairs(query.as_bytes()).map_err(unreadable)?;
        Ok(Self(read))
    }
}

impl<'de> Deserialize<'de> for Parameters {
    /// Those of a form, without the field that every form has and that `form.rs` looks at.
    fn deserialize<D: Deserializer<'de>>(form: D) -> Result<Self, D::Error> {
        let fields = IndexMap::<String, Vec<String>>::deserialize(form)?;
        let fields = fields.into_iter().filter(|(name, _)| name != "csrf");
        let pairs = fields.flat_map(|(name, values)| {
            let pair = move |value| (name.clone(), value);
            values.into_iter().map(pair)
        });
        Self::new(pairs).map_err(D::Error::custom)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = HttpError;

    /// Those of the address.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self::parse(query)?)
    }
}

/// The part of an address after the question mark.
pub(super) fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs);
    query.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Parameters {
        Parameters::parse(text).expect("parameters")
    }

    #[test]
    fn each_is_taken_once_and_empty_fields_are_none() {
        let mut it = parse("project=a%26b&from=&tag=x&tag=y+z&to=+");
        assert_eq!(it.one("project"), Ok(Some("a&b".to_owned())));
        assert_eq!(it.one("from"), Ok(None));
        assert_eq!(it.all("tag"), ["x", "y z"]);
        assert_eq!(it.nothing_else(), Ok(()));
    }

    #[test]
    fn a_tag_may_be_blank_or_empty_and_a_field_that_is_left_empty_is_none() {
        let mut it = parse("tag=+&tag=&add_tag=&project=&add_project=+");
        assert_eq!(it.all("tag"), [" ", ""]);
        assert_eq!(it.all("project"), [""]);
        assert_eq!(it.all("add_project"), [" "]);
        assert_eq!(it.nothing_else(), Ok(()));
    }

    #[test]
    fn what_is_unknown_or_twice_there_is_said_and_not_ignored() {
        let error = parse("wek=2026-W48").nothing_else();
        assert!(error.is_err_and(|error| error.0.contains("wek")));
        let error = parse("week=a&week=b").one("week");
        assert!(error.is_err_and(|error| error.0.contains("more than once")));
        assert!(Parameters::parse("project=%00").is_err());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let pairs = [("project", "a b&c=d\u{e9}"), ("tag", "100%+1")];
        let mut it = parse(&query(pairs));
        for (name, value) in pairs {
            assert_eq!(it.one(name), Ok(Some(value.to_owned())));
        }
    }
}
