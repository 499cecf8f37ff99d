//! The projects and tags that a form chooses. A link names them exactly, as `project` and `tag`. In a form each chosen one
//! is a box to untick, as `encoded_project` and `encoded_tag`, because a text field would lose line ends and could not
//! tell the empty tag from no tag, or frames without a project from all; the fields for one more, `add_project` and `add_tag`, are left empty for none.

use maud::{Markup, html};

use super::form::{kept, kept_names};
use super::parameters::{InvalidParameter, Parameters, invalid};
use crate::model::{is_nameless, project_label, unique_names};

/// Names as they were chosen, each once.
#[derive(Debug, Default)]
pub(super) struct ChosenNames {
    /// Any of these projects, or all when there are none.
    pub(super) projects: Vec<String>,
    /// All of these tags.
    pub(super) tags: Vec<String>,
}

impl ChosenNames {
    /// Takes what an address or a form says.
    ///
    /// # Errors
    /// When a name cannot be read, or there are too many.
    pub(super) fn take(parameters: &mut Parameters) -> Result<Self, InvalidParameter> {
        Ok(Self {
            projects: take(parameters, "project", "encoded_project", "add_project")?,
            tags: take(parameters, "tag", "encoded_tag", "add_tag")?,
        })
    }

    /// The exact names as they stand in an address.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static str, String)> {
        let projects = self.projects.iter().map(|name| ("project", name.clone()));
        let tags = self.tags.iter().map(|tag| ("tag", tag.clone()));
        projects.chain(tags)
    }

    /// The fields of a form: what is chosen, and one more of each. `suggestions` is the id of a list of projects.
    pub(super) fn fields(&self, suggestions: Option<&str>) -> Markup {
        html! {
            (boxes("Projects", "encoded_project", &self.projects, visible_project))
            div.field {
                label for="add-project" { @if self.projects.is_empty() { "Project" } @else { "or project" } }
                input id="add-project" name="add_project" list=[suggestions] maxlength="512" autocomplete="off";
            }
            (boxes("Tags", "encoded_tag", &self.tags, visible))
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
    let mut names = parameters.all(exact);
    names.extend(kept_names(parameters, encoded)?);
    names.extend(parameters.all(added));
    unique_names(names).map_err(invalid)
}

fn boxes(legend: &str, field: &str, names: &[String], show: fn(&str) -> Markup) -> Markup {
    html! {
        @if !names.is_empty() { fieldset {
            legend { (legend) }
            @for name in names { label.choice {
                input type="checkbox" name=(field) value=(kept(name)) checked;
                " " (show(name))
            } }
        } }
    }
}

/// The name of a project as a text that can be seen, also where it has none.
pub(super) fn visible_project(name: &str) -> Markup {
    html! {
        @if is_nameless(name) { em { (project_label(name)) } }
        @else { (visible(name)) }
    }
}

/// A name as a text that can be seen, also where there is nothing to see of it.
pub(super) fn visible(name: &str) -> Markup {
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
    fn names_are_taken_from_links_boxes_and_fields_and_each_counts_once() {
        let query = "tag=&tag=a%2C+b&encoded_tag=a%252C%2520b&encoded_tag=two%250Alines&add_tag=+x&add_project=\
                     &project=&project=apollo&add_project=apollo";
        let mut parameters = Parameters::parse(query).expect("parameters");
        let chosen = ChosenNames::take(&mut parameters).expect("names");
        assert_eq!(chosen.tags, ["", " x", "a, b", "two\nlines"]);
        assert_eq!(chosen.projects, ["", "apollo"]);
        assert_eq!(parameters.nothing_else(), Ok(()));
    }

    #[test]
    fn so_many_names_can_be_chosen_and_no_more() {
        let parse = |count: usize| {
            let query: String = (0..count).map(|at| format!("&tag={at}")).collect();
            ChosenNames::take(&mut Parameters::parse(&query)?)
        };
        assert!(parse(MOST_NAMES).is_ok());
        assert!(parse(MOST_NAMES + 1).is_err());
    }
}
