//! A schema in words: which type, and within which limits.

use std::fmt::Display;

use serde_json::Value;

use super::document::Document;
use super::json_schema::Schema;

/// The type of a value, such as `list of string` or `integer or null`.
pub(super) fn kind(document: &Document, schema: &Schema) -> String {
    let resolved = document.resolve(schema);
    let variants = variants(resolved);
    let mut names: Vec<String> = match variants {
        [] => resolved
            .r#type
            .names()
            .map(|name| kind_of_type(document, resolved, name))
            .collect(),
        _ => variants
            .iter()
            .map(|variant| kind(document, variant))
            .collect(),
    };
    if !resolved.all_of.is_empty() {
        names.push("object".to_owned());
    }
    // "null" is what a value may be besides: it comes last.
    names.sort_by_key(|name| name == "null");
    names.dedup();
    if names.is_empty() {
        return "anything".to_owned();
    }
    names.join(" or ")
}

fn kind_of_type(document: &Document, schema: &Schema, name: &str) -> String {
    match (name, &schema.items, schema.format.as_deref()) {
        ("array", Some(items), _) => format!("list of {}", plural(kind(document, items))),
        ("array", None, _) => "list".to_owned(),
        // How wide an integer is on the server is nobody's business: its limits are said.
        ("integer" | "null", _, _) | (_, _, None) => name.to_owned(),
        ("string", _, Some("uuid")) => "UUID".to_owned(),
        ("string", _, Some("date-time")) => "instant (RFC 3339)".to_owned(),
        ("string", _, Some("date")) => "date (YYYY-MM-DD)".to_owned(),
        (_, _, Some(format)) => format!("{name} ({format})"),
    }
}

fn plural(kind: String) -> String {
    match kind.as_str() {
        "string" | "integer" | "number" | "object" | "list" | "UUID" => format!("{kind}s"),
        _ => kind,
    }
}

/// The schemas of which a value fits one.
pub(super) fn variants(schema: &Schema) -> &[Schema] {
    match schema.one_of.as_slice() {
        [] => &schema.any_of,
        one_of => one_of,
    }
}

/// The limits of a value, each a short phrase; code in backticks.
pub(super) fn limits(document: &Document, schema: &Schema) -> Vec<String> {
    let resolved = document.resolve(schema);
    let mut limits = own_limits(resolved);
    for variant in variants(resolved) {
        limits.extend(self::limits(document, variant));
    }
    if let Some(items) = &resolved.items {
        let of_items = own_limits(document.resolve(items));
        limits.extend(of_items.into_iter().map(|limit| format!("each {limit}")));
    }
    limits
}

fn own_limits(schema: &Schema) -> Vec<String> {
    let mut limits = Vec::new();
    limits.extend(choice(schema));
    limits.extend(range(schema.minimum.as_ref(), schema.maximum.as_ref(), ""));
    limits.extend(range(schema.min_length, schema.max_length, " character"));
    limits.extend(range(schema.min_items, schema.max_items, " item"));
    limits.extend(schema.pattern.as_ref().map(|it| format!("matches `{it}`")));
    limits.extend(schema.default.as_ref().map(|it| format!("default `{it}`")));
    limits
}

/// The values to choose from.
fn choice(schema: &Schema) -> Option<String> {
    let values = schema.r#enum.iter().chain(&schema.r#const);
    let values: Vec<String> = values.filter(|value| !value.is_null()).map(code).collect();
    match values.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        _ => Some(format!("one of {}", values.join(", "))),
    }
}

fn code(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| format!("`{value}`"), |text| format!("`{text}`"))
}

fn range(least: Option<impl Display>, most: Option<impl Display>, unit: &str) -> Option<String> {
    let number = |it: String| match (it.as_str(), unit) {
        ("1", _) | (_, "") => format!("{it}{unit}"),
        _ => format!("{it}{unit}s"),
    };
    match (
        least.map(|it| it.to_string()),
        most.map(|it| it.to_string()),
    ) {
        (None, None) => None,
        // Nothing is negative that is counted.
        (Some(least), None) if least == "0" => None,
        (Some(least), None) => Some(format!("at least {}", number(least))),
        (None, Some(most)) => Some(format!("at most {}", number(most))),
        (Some(least), Some(most)) if least == most => Some(number(most)),
        (Some(least), Some(most)) => Some(format!("{least} to {}", number(most))),
    }
}
