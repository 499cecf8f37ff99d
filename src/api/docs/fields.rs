//! A table of fields, nested ones by their path: `tokens[].name`.

use maud::{Markup, html};

use super::document::Document;
use super::json_schema::Schema;
use super::schema::{kind, limits, variants};
use super::text;

/// How deep fields of fields are listed. No body of the API is deeper; a schema that holds itself would never end.
const DEEPEST: usize = 5;

/// One line of a table.
pub(super) struct Row {
    /// The name, or the path to it.
    pub(super) name: String,
    /// What stands beside the name, such as `required`.
    pub(super) notes: Vec<&'static str>,
    /// The type.
    pub(super) kind: String,
    /// Its limits.
    pub(super) limits: Vec<String>,
    /// What it means.
    pub(super) description: String,
}

/// The fields of a body, in the order of the document; none when it has no fields.
pub(super) fn rows(document: &Document, schema: &Schema, is_request: bool) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut fields = Fields {
        document,
        is_request,
        rows: &mut rows,
    };
    fields.collect(schema, "", 0);
    rows
}

struct Fields<'a> {
    document: &'a Document,
    /// In a request a field that may be missing is the rule to know, in an answer the exception.
    is_request: bool,
    rows: &'a mut Vec<Row>,
}

impl Fields<'_> {
    fn collect(&mut self, schema: &Schema, path: &str, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let schema = self.document.resolve(schema);
        for part in schema.all_of.iter().chain(variants(schema)) {
            self.collect(part, path, depth + 1);
        }
        if let Some(items) = &schema.items {
            self.collect(items, &format!("{path}[]"), depth + 1);
        }
        for (name, field) in &schema.properties {
            let dot = if path.is_empty() { "" } else { "." };
            let name_in_full = format!("{path}{dot}{name}");
            let is_required = schema.required.contains(name);
            self.rows.push(self.row(&name_in_full, field, is_required));
            self.collect(field, &name_in_full, depth + 1);
        }
    }

    fn row(&self, name: &str, field: &Schema, is_required: bool) -> Row {
        let resolved = self.document.resolve(field);
        let description = field.description.as_ref().or(resolved.description.as_ref());
        let kind = kind(self.document, field);
        let may_be_null = kind.split(" or ").any(|name| name == "null");
        let notes = match (self.is_request, is_required) {
            (true, true) => vec!["required"],
            // Fields that are null when there is nothing to say are there all the same.
            (false, false) if !may_be_null => vec!["may be missing"],
            _ => Vec::new(),
        };
        Row {
            name: name.to_owned(),
            notes,
            kind,
            limits: limits(self.document, field),
            description: description.cloned().unwrap_or_default(),
        }
    }
}

/// A name, with the path before it, which repeats what stands above, less loud.
fn name(name: &str) -> Markup {
    let (path, name) = name.split_at(name.rfind('.').map_or(0, |dot| dot + 1));
    html! { code {
        @if !path.is_empty() { span.path { (text::breakable(path)) } wbr; }
        (name)
    } }
}

/// A table with one line each. The roles repeat what the elements say, because a narrow window lays the cells out below
/// each other, and some browsers then forget that it is a table.
pub(super) fn table(caption: &str, rows: &[Row]) -> Markup {
    html! {
        table role="table" {
            caption { (caption) }
            thead role="rowgroup" { tr role="row" {
                th role="columnheader" scope="col" { "Name" }
                th role="columnheader" scope="col" { "Type" }
                th role="columnheader" scope="col" { "Meaning" }
            } }
            tbody role="rowgroup" { @for row in rows {
                tr role="row" {
                    th role="rowheader" scope="row" {
                        (name(&row.name))
                        @for note in &row.notes { " " span.note { (note) } }
                    }
                    td role="cell" {
                        (row.kind)
                        @for limit in &row.limits { span.limit { (text::line(limit)) } }
                    }
                    td role="cell" { (text::line(&row.description)) }
                }
            } }
        }
    }
}
