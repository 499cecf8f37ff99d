//! As much of an OpenAPI document as the page shows. Read from its text, so that the page says what clients are told.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use super::json_schema::Schema;

/// The document.
#[derive(Deserialize)]
pub(super) struct Document {
    pub(super) info: Info,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    /// Addresses, each with its methods in lower case.
    pub(super) paths: IndexMap<String, IndexMap<String, Operation>>,
    pub(super) components: Components,
}

impl Document {
    /// What a schema refers to, or itself.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        schema
            .name()
            .and_then(|name| self.components.schemas.get(name))
            .unwrap_or(schema)
    }

    /// The operations with a tag: method, address, operation.
    pub(super) fn operations<'a>(
        &'a self,
        tag: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str, &'a Operation)> {
        self.paths
            .iter()
            .flat_map(|(path, methods)| {
                methods
                    .iter()
                    .map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
            })
            .filter(move |(_, _, operation)| operation.tags.iter().any(|own| own == tag))
    }
}

/// What the document is about.
#[derive(Deserialize)]
pub(super) struct Info {
    pub(super) title: String,
    pub(super) version: String,
    #[serde(default)]
    pub(super) description: String,
}

/// A group of operations.
#[derive(Deserialize)]
pub(super) struct Tag {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
}

/// What is referred to.
#[derive(Deserialize)]
pub(super) struct Components {
    #[serde(default)]
    pub(super) schemas: IndexMap<String, Schema>,
}

/// A method at an address.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) operation_id: String,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) summary: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) deprecated: bool,
    #[serde(default)]
    pub(super) parameters: Vec<Parameter>,
    pub(super) request_body: Option<Body>,
    pub(super) responses: IndexMap<String, Response>,
    /// Schemes of credentials, each with the scopes it takes; empty: none needed.
    #[serde(default)]
    pub(super) security: Vec<IndexMap<String, Vec<String>>>,
}

/// A part of the address, or a header.
#[derive(Deserialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    #[serde(rename = "in")]
    pub(super) place: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) schema: Schema,
}

/// What a request carries.
#[derive(Deserialize)]
pub(super) struct Body {
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) required: bool,
    /// By media type.
    pub(super) content: IndexMap<String, Content>,
}

/// An answer.
#[derive(Deserialize)]
pub(super) struct Response {
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) headers: IndexMap<String, Header>,
    /// By media type.
    #[serde(default)]
    pub(super) content: IndexMap<String, Content>,
}

/// A header of an answer.
#[derive(Deserialize)]
pub(super) struct Header {
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    pub(super) schema: Schema,
}

/// A body in one media type.
#[derive(Deserialize)]
pub(super) struct Content {
    pub(super) schema: Option<Schema>,
    pub(super) example: Option<Value>,
    /// By name.
    #[serde(default)]
    pub(super) examples: IndexMap<String, Example>,
}

/// An example of a body.
#[derive(Deserialize)]
pub(super) struct Example {
    #[serde(default)]
    pub(super) summary: String,
    pub(super) value: Option<Value>,
}
