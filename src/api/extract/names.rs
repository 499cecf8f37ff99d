//! Filters by project and tag names.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::HttpError;
use crate::model::{InvalidNames, parse_names, unique_names};

/// Names with commas between them; white space around a name does not count.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::api) struct Names(Vec<String>);

impl TryFrom<String> for Names {
    type Error = InvalidNames;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse_names(&text).map(Self)
    }
}

/// A name, compared exactly. A tag may be empty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, pattern = r"^[^\x00]*$")]
pub(in crate::api) struct ExactName(String);

impl TryFrom<String> for ExactName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        if name.contains('\0') {
            return Err("must not contain the character NUL");
        }
        Ok(Self(name))
    }
}

/// Merges the names of the comma-separated parameter and of the repeatable one. `parameters` names
/// both for the error text.
///
/// # Errors
/// 400 when there are too many.
pub(in crate::api) fn filter_names(
    parameters: &str,
    listed: Option<Names>,
    exact: Vec<ExactName>,
) -> Result<Vec<String>, HttpError> {
    let mut names = listed.map_or_else(Vec::new, |Names(names)| names);
    names.extend(exact.into_iter().map(|ExactName(name)| name));
    unique_names(names)
        .map_err(|error| HttpError::BadRequest(format!("Invalid parameter {parameters}: {error}")))
}
