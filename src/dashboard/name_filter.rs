//! The projects and tags of a filter. A link names them as `project` and `tag`. A form has a
//! checkbox for each selected name, `encoded_project` and `encoded_tag`, because a text field would
//! lose line ends and could not distinguish an empty name from none, and fields for one more of
//! each, `add_project` and `add_tag`.

use maud::{Markup, html};

use super::form::{encode_name, take_encoded_names};
use super::parameters::{InvalidParameter, Parameters, invalid};
use crate::model::{is_nameless, project_label, unique_names};

/// The selected names, each once.
#[derive(Debug, Default)]
pub(super) struct NameFilter {
    /// Any of these projects; all if empty.
    pub(super) projects: Vec<String>,
    /// All of these tags.
    pub(super) tags: Vec<String>,
}

impl NameFilter {
    /// Takes the names from a query or a form.
    pub(super) fn take(parameters: &mut Parameters) -> Result<Self, InvalidParameter> {
        Ok(Self {
            projects: take(parameters, "project", "encoded_project", "add_project")?,
            tags: take(parameters, "tag", "encoded_tag", "add_tag")?,
        })
    }

    /// The parameters of a link.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let projects = self.projects.iter().map(|name| ("project", name.clone()));
        let tags = self.tags.iter().map(|tag| ("tag", tag.clone()));
        projects.chain(tags)
    }

    /// The fields of a form. `suggestions` is the id of a `datalist` of projects.
    pub(super) fn fields(&self, suggestions: Option<&str>) -> Markup {
        html! {
            (boxes("Projects", "encoded_project", &self.projects, project_markup))
            div.field {
                label for="add-project" {
                    @if self.projects.is_empty() { "Project" } @else { "or project" }
                }
                input id="add-project" name="add_project" list=[suggestions] maxlength="512"
                    autocomplete="off";
            }
            (boxes("Tags", "encoded_tag", &self.tags, name_markup))
            div.field {
                label for="add-tag" { @if self.tags.is_empty() { "Tag" } @else { "and tag" } }
                input id="add-tag" name="add_tag" maxlength="512" autocomplete="off";
            }
        }
    }
}

fn take(
    parameters: &mut Parameters,
    exact: &str,
    encoded: &str,
    added: &str,
) -> Result<Vec<String>, InvalidParameter> {
    let mut names = parameters.take_all(exact);
    names.extend(take_encoded_names(parameters, encoded)?);
    names.extend(parameters.take_all(added));
    unique_names(names).map_err(invalid)
}

fn boxes(legend: &str, field: &str, names: &[String], show: fn(&str) -> Markup) -> Markup {
    html! {
        @if !names.is_empty() { fieldset {
            legend { (legend) }
            @for name in names { label.choice {
                input type="checkbox" name=(field) value=(encode_name(name)) checked;
                " " (show(name))
            } }
        } }
    }
}

/// The name of a project as visible text, also if it has none.
pub(super) fn project_markup(name: &str) -> Markup {
    html! {
        @if is_nameless(name) { em { (project_label(name)) } }
        @else { (name_markup(name)) }
    }
}

/// A name as visible text, also if it is empty or invisible.
pub(super) fn name_markup(name: &str) -> Markup {
    let is_invisible = |letter: char| {
        letter.is_whitespace()
            || letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    html! {
        @if name.is_empty() { em { "empty tag" } }
        @else if name.chars().all(is_invisible) { em { "invisible characters" } }
        @else { bdi { (name) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MOST_NAMES;

    #[test]
    fn names_of_links_checkboxes_and_fields_are_merged() {
        let query = "tag=&tag=a%2C+b&encoded_tag=a%252C%2520b&encoded_tag=two%250Alines&add_tag=+x\
                     &add_project=&project=&project=apollo&add_project=apollo";
        let mut parameters = Parameters::parse(query).expect("parameters");
        let chosen = NameFilter::take(&mut parameters).expect("names");
        assert_eq!(chosen.tags, ["", " x", "a, b", "two\nlines"]);
        assert_eq!(chosen.projects, ["", "apollo"]);
        assert_eq!(parameters.reject_unknown(), Ok(()));
    }

    #[test]
    fn the_number_of_names_is_limited() {
        let parse = |count: usize| {
            let query: String = (0..count).map(|at| format!("&tag={at}")).collect();
            NameFilter::take(&mut Parameters::parse(&query)?)
        };
        assert!(parse(MOST_NAMES).is_ok());
        assert!(parse(MOST_NAMES + 1).is_err());
    }
}
