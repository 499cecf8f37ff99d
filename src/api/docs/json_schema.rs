//! As much of JSON Schema as the page shows: the schemas of an OpenAPI document.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Number, Value};

/// What schemas refer to each other by, before the name.
const SCHEMAS: &str = "#/components/schemas/";

/// What a value may be (JSON Schema 2020-12).
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Schema {
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
    pub(super) r#type: Types,
    pub(super) format: Option<String>,
    pub(super) description: Option<String>,
    pub(super) default: Option<Value>,
    pub(super) example: Option<Value>,
    pub(super) examples: Vec<Value>,
    pub(super) r#enum: Vec<Value>,
    pub(super) r#const: Option<Value>,
    pub(super) properties: IndexMap<String, Schema>,
    pub(super) required: Vec<String>,
    pub(super) items: Option<Box<Schema>>,
    pub(super) all_of: Vec<Schema>,
    pub(super) one_of: Vec<Schema>,
    pub(super) any_of: Vec<Schema>,
    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
    pub(super) min_items: Option<u64>,
    pub(super) max_items: Option<u64>,
    pub(super) pattern: Option<String>,
}

impl Schema {
    /// The name of the schema that this one refers to.
    pub(super) fn name(&self) -> Option<&str> {
        self.reference.as_deref()?.strip_prefix(SCHEMAS)
    }
}

/// One type, or a choice of some.
#[derive(Default, Deserialize)]
#[serde(untagged)]
pub(super) enum Types {
    /// Any.
    #[default]
    Any,
    /// One.
    One(String),
    /// Some.
    Some(Vec<String>),
}

impl Types {
    /// Them all.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let (one, some) = match self {
            Self::Any => (None, None),
            Self::One(name) => (Some(name), None),
            Self::Some(names) => (None, Some(names)),
        };
        one.into_iter()
            .chain(some.into_iter().flatten())
            .map(String::as_str)
    }
}
