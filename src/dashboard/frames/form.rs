//! The form of the filter.

use maud::{Markup, html};

use super::filter::Filter;
use super::url::PATH;
use crate::model::{Project, is_nameless};

/// The maximum number of suggestions.
const MOST: usize = 500;

/// The form with the current filter.
pub(super) fn form(filter: &Filter, projects: &[Project]) -> Markup {
    let is_chosen = !filter.pairs().is_empty();
    html! {
        form.filter.panel method="get" action=(PATH) aria-label="Filter" {
            (filter.names.fields(Some("projects")))
            datalist id="projects" {
                @for project in suggested(projects) { option value=(project.name) {} }
            }
            div.field {
                label for="from" { "From" }
                input id="from" type="date" name="from" value=[filter.from];
            }
            div.field {
                label for="to" { "To" }
                input id="to" type="date" name="to" value=[filter.to];
            }
            div.actions {
                button type="submit" { "Show" }
                @if is_chosen { a href=(PATH) { "All frames" } }
            }
        }
    }
}

fn suggested(projects: &[Project]) -> impl Iterator<Item = &Project> {
    let named = projects
        .iter()
        .filter(|project| !is_nameless(&project.name));
    named.take(MOST)
}
