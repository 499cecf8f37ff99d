//! The parameters of a query or a form. Handlers take each one, and reject the rest.

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

/// A parameter is invalid. The text is for the user.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub(super) struct InvalidParameter(pub(super) String);

/// A value that the model refuses.
pub(super) fn invalid(error: impl Display) -> InvalidParameter {
    InvalidParameter(error.to_string())
}

/// The parameters that are not taken yet.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Parses a query.
    pub(super) fn parse(query: &str) -> Result<Self, InvalidParameter> {
        Self::new(
            input::pairs(query.as_bytes())
                .map_err(unreadable)?
                .into_iter(),
        )
    }

    /// Drops empty fields, except that a typed name may be blank, and a linked or selected one
    /// empty. Refuses NUL, which no database can store.
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

    /// Takes a parameter.
    pub(super) fn take_one(&mut self, name: &str) -> Result<Option<String>, InvalidParameter> {
        let mut values = self.take_all(name);
        if values.len() > 1 {
            return Err(InvalidParameter(format!(
                "“{name}” is given more than once."
            )));
        }
        Ok(values.pop())
    }

    /// Takes all values of a repeatable parameter.
    pub(super) fn take_all(&mut self, name: &str) -> Vec<String> {
        let taken = self.0.extract_if(.., |(other, _)| other == name);
        taken.map(|(_, value)| value).collect()
    }

    /// Checks that every parameter has been taken.
    pub(super) fn reject_unknown(&self) -> Result<(), InvalidParameter> {
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

/// A query as a struct. Unknown parameters are ignored.
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
    /// The fields of a form, except the token that `form.rs` checks.
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

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self::parse(query)?)
    }
}

/// Encodes a query.
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
    fn each_is_taken_once_and_empty_fields_are_dropped() {
        let mut it = parse("project=a%26b&from=&tag=x&tag=y+z&to=+");
        assert_eq!(it.take_one("project"), Ok(Some("a&b".to_owned())));
        assert_eq!(it.take_one("from"), Ok(None));
        assert_eq!(it.take_all("tag"), ["x", "y z"]);
        assert_eq!(it.reject_unknown(), Ok(()));
    }

    #[test]
    fn names_may_be_blank_and_linked_names_empty() {
        let mut it = parse("tag=+&tag=&add_tag=&project=&add_project=+");
        assert_eq!(it.take_all("tag"), [" ", ""]);
        assert_eq!(it.take_all("project"), [""]);
        assert_eq!(it.take_all("add_project"), [" "]);
        assert_eq!(it.reject_unknown(), Ok(()));
    }

    #[test]
    fn unknown_and_repeated_parameters_are_refused() {
        let error = parse("wek=2026-W48").reject_unknown();
        assert!(error.is_err_and(|error| error.0.contains("wek")));
        let error = parse("week=a&week=b").take_one("week");
        assert!(error.is_err_and(|error| error.0.contains("more than once")));
        assert!(Parameters::parse("project=%00").is_err());
    }

    #[test]
    fn an_encoded_query_parses_to_the_same() {
        let pairs = [("project", "a b&c=d\u{e9}"), ("tag", "100%+1")];
        let mut it = parse(&query(pairs));
        for (name, value) in pairs {
            assert_eq!(it.take_one(name), Ok(Some(value.to_owned())));
        }
    }
}
