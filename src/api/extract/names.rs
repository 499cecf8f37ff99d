//! The names of projects and tags that a list, a file or a report is filtered by.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::HttpError;
use crate::model::{MOST_NAMES, written_names};

/// At least one name; commas stand between them, and blanks around them do not count.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(in crate::api) struct Names(Vec<String>);

impl TryFrom<String> for Names {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let names = written_names(&text).map(Self);
        names.ok_or("must be names with commas between them, none of them blank or with NUL")
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

/// The names of a filter, each once: those of the comma-separated parameter and those of the
/// repeatable one. `parameters` is what the two are called.
///
/// # Errors
/// 400 when they are too many.
pub(in crate::api) fn filter_names(
    parameters: &str,
    listed: Option<Names>,
    exact: Vec<ExactName>,
) -> Result<Vec<String>, HttpError> {
    let mut names = listed.map_or_else(Vec::new, |Names(names)| names);
    names.extend(exact.into_iter().map(|ExactName(name)| name));
    names.sort_unstable();
    names.dedup();
    if names.len() > MOST_NAMES {
        return Err(HttpError::BadRequest(format!(
            "Invalid parameter: {parameters} must hold at most {MOST_NAMES} different names"
        )));
    }
    Ok(names)
}
