//! The choice of frames: a form that is sent as an address.

use maud::{Markup, html};

use super::PATH;
use super::filter::Filter;
use crate::model::{Project, is_nameless};

/// The most names that are suggested.
const MOST: usize = 500;

/// The form, filled in with what was chosen. There is always a field for one more tag.
pub(super) fn form(filter: &Filter, projects: &[Project]) -> Markup {
    let is_chosen = !filter.pairs().is_empty();
    html! {
        form.filter.panel method="get" action=(PATH) aria-label="Which frames" {
            div.field {
                label for="project" { "Project" }
                input id="project" name="project" list="projects" value=[filter.project.as_deref()] autocomplete="off";
                datalist id="projects" {
                    @for project in suggested(projects) { option value=(project.name) {} }
                }
            }
            @for (at, tag) in filter.tags.iter().enumerate() { (tag_field(at, tag)) }
            (tag_field(filter.tags.len(), ""))
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

fn tag_field(at: usize, tag: &str) -> Markup {
    let id = format!("tag-{at}");
    html! {
        div.field {
            label for=(id) { @if at == 0 { "Tag" } @else { "and tag" } }
            input id=(id) name="tag" value=(tag) autocomplete="off";
        }
    }
}
