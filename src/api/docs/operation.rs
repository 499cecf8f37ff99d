//! One operation on the page: who may call it, what it takes, what it answers.

use axum::http::StatusCode;
use indexmap::IndexMap;
use maud::{Markup, html};
use serde_json::Value;

use super::document::{Body, Content, Document, Operation, Parameter, Response};
use super::fields::{Row, rows, table};
use super::schema::{kind, limits};
use super::text;

/// The media type that goes without saying.
const JSON: &str = "application/json";

/// The operation of a method at an address.
pub(super) fn operation(
    document: &Document,
    method: &str,
    path: &str,
    operation: &Operation,
) -> Markup {
    let id = &operation.operation_id;
    let (failures, answers): (Vec<_>, Vec<_>) = operation
        .responses
        .iter()
        .partition(|(status, _)| *status == "default" || status.starts_with(['4', '5']));
    html! {
        section.operation aria-labelledby=(id) {
            h3 id=(id) {
                a.anchor href={ "#" (id) } { (name(method, path)) }
                @if operation.deprecated { " " span.note { "deprecated" } }
            }
            (text::paragraphs(&operation.summary))
            (text::paragraphs(&operation.description))
            p.scope { (scope(operation)) }
            @if !operation.parameters.is_empty() {
                h4 { "Parameters" }
                (parameters(document, &operation.parameters))
            }
            @if let Some(body) = &operation.request_body {
                h4 { "Body" @if !body.required { " (optional)" } }
                (request(document, body))
            }
            h4 { "Answer" }
            @for (status, response) in answers { (answer(document, status, response)) }
            @if !failures.is_empty() {
                h4 { "Failures" }
                ul.failures { @for (status, response) in failures {
                    li {
                        code { @if status == "default" { "others" } @else { (status) } }
                        " " span { (text::line(&response.description)) }
                    }
                } }
            }
        }
    }
}

/// A method and an address, as a heading or a link names them.
pub(super) fn name(method: &str, path: &str) -> Markup {
    html! {
        span class={ "method " (method) } { (method.to_uppercase()) }
        " " code { (text::breakable(path)) }
    }
}

fn scope(operation: &Operation) -> Markup {
    let scopes: Vec<&String> = operation
        .security
        .iter()
        .flat_map(|scheme| scheme.values().flatten())
        .collect();
    html! {
        @if scopes.is_empty() { "Needs no credentials." }
        @else { "Needs the scope " @for scope in scopes { code { (scope) } } "." }
    }
}

fn parameters(document: &Document, parameters: &[Parameter]) -> Markup {
    let row = |parameter: &Parameter| {
        let place = match parameter.place.as_str() {
            "path" => Some("in the address"),
            "header" => Some("header"),
            _ => None,
        };
        // A part of the address cannot be left out.
        let required = (parameter.required && parameter.place != "path").then_some("required");
        Row {
            name: parameter.name.clone(),
            notes: place.into_iter().chain(required).collect(),
            kind: kind(document, &parameter.schema),
            limits: limits(document, &parameter.schema),
            description: parameter.description.clone(),
        }
    };
    let rows: Vec<Row> = parameters.iter().map(row).collect();
    table("Parameters", &rows)
}

fn request(document: &Document, body: &Body) -> Markup {
    html! {
        (text::paragraphs(&body.description))
        (contents(document, &body.content, true))
    }
}

fn answer(document: &Document, status: &str, response: &Response) -> Markup {
    let code = status
        .parse()
        .ok()
        .and_then(|it| StatusCode::from_u16(it).ok());
    let reason = code
        .and_then(|code| code.canonical_reason())
        .unwrap_or_default();
    let headers: Vec<Row> = response
        .headers
        .iter()
        .map(|(name, header)| Row {
            name: name.clone(),
            notes: Vec::new(),
            kind: kind(document, &header.schema),
            limits: limits(document, &header.schema),
            description: header.description.clone(),
        })
        .collect();
    html! {
        p.status {
            code { (status) } " " (reason)
            @if !response.description.is_empty() && response.description != reason {
                ": " (text::line(&response.description))
            }
        }
        @if !headers.is_empty() { (table("Headers of the answer", &headers)) }
        (contents(document, &response.content, false))
    }
}

/// A body in each of its media types.
fn contents(document: &Document, content: &IndexMap<String, Content>, is_request: bool) -> Markup {
    html! { @for (media, content) in content {
        @if let Some(schema) = &content.schema {
            @let rows = rows(document, schema, is_request);
            @if media != JSON { p.kind { code { (media) } } }
            @else if rows.is_empty() || !kind(document, schema).starts_with("object") {
                p.kind { "JSON: " (kind(document, schema)) "." }
            }
            @if !rows.is_empty() {
                (table(if is_request { "Fields of the body" } else { "Fields of the answer" }, &rows))
            }
        }
        @for (summary, value) in examples(document, content) { (example(&summary, value)) }
    } }
}

/// The examples that the document has, each with what it shows.
fn examples<'a>(document: &'a Document, content: &'a Content) -> Vec<(String, &'a Value)> {
    let named = content.examples.iter().filter_map(|(name, example)| {
        let summary = [&example.summary, name]
            .into_iter()
            .find(|text| !text.is_empty());
        Some((
            summary.cloned().unwrap_or_default(),
            example.value.as_ref()?,
        ))
    });
    let mut examples: Vec<(String, &Value)> = named.collect();
    let schema = content
        .schema
        .as_ref()
        .map(|schema| document.resolve(schema));
    let of_schema = schema
        .iter()
        .flat_map(|schema| schema.example.iter().chain(&schema.examples));
    let unnamed = content.example.iter().chain(of_schema);
    examples.extend(unnamed.map(|value| ("Example".to_owned(), value)));
    examples
}

fn example(summary: &str, value: &Value) -> Markup {
    html! {
        details {
            summary { (summary) }
            pre tabindex="0" { code { (value.as_str().map_or_else(|| format!("{value:#}"), str::to_owned)) } }
        }
    }
}
