//! An example for every operation, from `examples.json`, which a test compares with a real server.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::{Content, RefOr};

/// The media type of most bodies.
const JSON: &str = "application/json";

/// A request and its response.
#[derive(Deserialize)]
struct Example {
    /// The path parameters.
    #[serde(default)]
    path: BTreeMap<String, Value>,
    /// The query parameters.
    #[serde(default)]
    query: BTreeMap<String, Value>,
    /// The request's body.
    body: Option<Value>,
    /// The response's status.
    status: u16,
    /// The response's body; a text if it is not JSON.
    answer: Option<Value>,
}

/// The examples by operation.
pub(super) struct Examples(BTreeMap<String, Example>);

impl Examples {
    pub(super) fn read() -> Self {
        let examples = serde_json::from_str(include_str!("examples.json"));
        Self(examples.expect("the file has examples"))
    }

    /// Adds the example of an operation, if there is one.
    pub(super) fn add_to(&self, operation: &mut Operation) {
        let name = operation.operation_id.as_deref().unwrap_or_default();
        let Some(example) = self.0.get(name) else {
            return;
        };
        for parameter in operation.parameters.iter_mut().flatten() {
            let RefOr::T(parameter) = parameter else {
                continue;
            };
            let values = match parameter.parameter_in {
                ParameterIn::Path => &example.path,
                _ => &example.query,
            };
            let value = values.get(&parameter.name).cloned();
            let described = ParameterBuilder::from(std::mem::take(parameter));
            *parameter = described.example(value).build();
        }
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            show(&mut body.content, example.body.as_ref());
        }
        let status = example.status.to_string();
        if let Some(RefOr::T(response)) = operation.responses.responses.get_mut(&status) {
            show(&mut response.content, example.answer.as_ref());
        }
    }
}

/// Adds a value to the content of its media type: JSON, which is the default, if there is any.
fn show<'a>(
    contents: impl IntoIterator<Item = (&'a String, &'a mut RefOr<Content>)>,
    value: Option<&Value>,
) {
    let contents: Vec<_> = contents.into_iter().collect();
    let has_json = contents.iter().any(|(media, _)| *media == JSON);
    for (media, content) in contents {
        if let RefOr::T(content) = content
            && (media == JSON || !has_json)
        {
            content.example = value.cloned();
        }
    }
}
