//! What the schemas of the OpenAPI document allow, as far as the document's own schemas go.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use uuid::Uuid;

/// The named schemas of a document.
pub(super) struct Schemas<'a>(&'a Value);

impl<'a> Schemas<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self(&document["components"]["schemas"])
    }

    /// A schema, or the one that it refers to; of a choice the one that is not null.
    fn resolve<'b>(&'b self, schema: &'b Value) -> &'b Value {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().expect("a name");
            return self.resolve(&self.0[name]);
        }
        let choice = schema["oneOf"].as_array();
        let real = choice.and_then(|choice| choice.iter().find(|it| it["type"] != "null"));
        real.map_or(schema, |real| self.resolve(real))
    }

    /// The fields of an object and their schemas.
    pub(super) fn fields(&self, schema: &Value) -> BTreeMap<String, Value> {
        let fields = self.resolve(schema)["properties"].as_object();
        let fields = fields.into_iter().flatten();
        fields
            .map(|(name, field)| (name.clone(), field.clone()))
            .collect()
    }

    /// The fields that an object must have.
    pub(super) fn required(&self, schema: &Value) -> Vec<String> {
        let names = self.resolve(schema)["required"]
            .as_array()
            .into_iter()
            .flatten();
        names
            .map(|name| name.as_str().expect("a name").to_owned())
            .collect()
    }

    /// Whether a value is one of a schema's. Patterns are not looked at.
    pub(super) fn fits(&self, schema: &Value, value: &Value) -> bool {
        if let Some(choice) = schema["oneOf"].as_array() {
            return choice.iter().any(|schema| self.fits(schema, value));
        }
        let schema = self.resolve(schema);
        let kinds: Vec<&str> = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        match value {
            Value::Null => kinds.contains(&"null"),
            Value::Bool(_) => kinds.contains(&"boolean"),
            Value::Number(number) => {
                let number = number.as_f64().expect("a number");
                let bound = |name: &str| schema[name].as_f64();
                let is_kind = kinds.contains(&"number")
                    || kinds.contains(&"integer") && number.fract() == 0.0;
                is_kind
                    && bound("minimum").is_none_or(|least| number >= least)
                    && bound("maximum").is_none_or(|most| number <= most)
            }
            Value::String(text) => kinds.contains(&"string") && string_fits(schema, text),
            Value::Array(list) => {
                let length = list.len() as u64;
                kinds.contains(&"array")
                    && schema["maxItems"]
                        .as_u64()
                        .is_none_or(|most| length <= most)
                    && schema["minItems"]
                        .as_u64()
                        .is_none_or(|least| length >= least)
                    && list.iter().all(|item| self.fits(&schema["items"], item))
            }
            Value::Object(_) => kinds.contains(&"object"),
        }
    }
}

fn string_fits(schema: &Value, text: &str) -> bool {
    let length = text.chars().count() as u64;
    let of_format = match schema["format"].as_str() {
        Some("uuid") => Uuid::try_parse(text).is_ok(),
        Some("date") => text.len() == 10 && text.parse::<Date>().is_ok(),
        Some("date-time") => text.parse::<Timestamp>().is_ok(),
        _ => true,
    };
    let of_choice = schema["enum"].as_array();
    of_format
        && !text.contains('\0')
        && schema["minLength"]
            .as_u64()
            .is_none_or(|least| length >= least)
        && schema["maxLength"]
            .as_u64()
            .is_none_or(|most| length <= most)
        && of_choice.is_none_or(|choice| choice.iter().any(|it| it == text))
}

/// Whether a text in an address is a value of a parameter.
pub(super) fn text_fits(name: &str, schema: &Value, text: &str) -> bool {
    let schema = if schema["type"] == "array" {
        &schema["items"]
    } else {
        schema
    };
    match (name, schema["type"].as_str()) {
        (_, Some("integer")) => {
            let bound = |name: &str| i128::from(schema[name].as_i64().expect("a bound"));
            let fits = |number: i128| (bound("minimum")..=bound("maximum")).contains(&number);
            text.parse().is_ok_and(fits)
        }
        (_, Some("boolean")) => ["true", "false"].contains(&text),
        ("tz", _) => TimeZone::get(text).is_ok_and(|zone| !zone.is_unknown()),
        ("group_by", _) => ["day", "project"].contains(&text),
        ("projects" | "tags", _) => {
            !text.contains('\0') && text.split(',').all(|it| !it.trim().is_empty())
        }
        // A client that has never synced may leave it empty.
        ("last_sync", _) => text.is_empty() || string_fits(schema, text),
        _ => string_fits(schema, text),
    }
}
