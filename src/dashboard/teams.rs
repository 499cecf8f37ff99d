//! `/dashboard/teams`: the teams somebody is in, and a new one.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use uuid::Uuid;

use super::Dashboard;
use super::form::{Form, kept_names};
use super::notice::Notice;
use super::page::{Tab, csrf, page};
use super::parameters::{InvalidParameter, Parameters, invalid};
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::model::TeamPlan;
use crate::store::Team;

/// Where a team is shown.
pub(super) fn address(team: Uuid) -> String {
    format!("/dashboard/teams/{team}")
}

/// The list of teams.
pub(super) async fn teams(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let notice = Notice::take(&mut parameters)?;
    parameters.nothing_else()?;
    let teams = dashboard.store.list_teams(visitor.user()).await?;
    let shared = dashboard.store.list_shares(visitor.user()).await?;
    let content = html! {
        header.title { h1 { "Teams" } }
        (Notice::markup(notice))
        p.lead {
            "A team sees the time of the projects that its members choose to share, and nothing else. "
            a href="/dashboard/invitations" { "Invitations" }
        }
        @if teams.is_empty() { p.empty { "You are not in a team yet." } }
        @for team in &teams { (card(team, &shared, &visitor)) }
        @if visitor.may_write() { (new_team(&visitor)) }
    };
    Ok(page(Some(&visitor), "Teams", Some(Tab::Teams), content))
}

fn card(team: &Team, shared: &HashMap<Uuid, Vec<String>>, visitor: &Visitor) -> Markup {
    let owner = team.users.iter().find(|person| person.id == team.owner_id);
    let members = team.users.len();
    let shared = shared.get(&team.id).map_or(0, Vec::len);
    html! {
        section.panel aria-labelledby=(team.id) {
            h2 id=(team.id) { a href=(address(team.id)) { bdi { (team.name) } } }
            p {
                @if team.owner_id == visitor.user().id() { "Owned by you" }
                @else if let Some(owner) = owner { "Owned by " bdi { (owner.login) } }
                " · " (members) @if members == 1 { " member" } @else { " members" }
                " · You share " (shared) " of " (team.projects.len())
                @if team.projects.len() == 1 { " project" } @else { " projects" }
            }
            @if !team.projects.is_empty() { ul.tags aria-label="Projects" {
                @for project in &team.projects { li { span.tag { bdi { (project) } } } }
            } }
        }
    }
}

fn new_team(visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="new" {
            h2 id="new" { "Create a team" }
            form method="post" action="/dashboard/teams" {
                (csrf(visitor))
                div.field {
                    label for="name" { "Name" }
                    input id="name" name="name" required maxlength="512" autocomplete="off";
                }
                div.field {
                    label for="add" { "Shared projects, one per line" }
                    textarea id="add" name="add" rows="4" aria-describedby="add-hint" {}
                    p.hint id="add-hint" {
                        "Your own projects with these names are shared with everyone who joins. "
                        "Other members choose what they share."
                    }
                }
                button type="submit" { "Create team" }
            }
        }
    }
}

/// Makes a team.
pub(super) async fn create(
    State(dashboard): State<Dashboard>,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let plan = plan(&mut form)?;
    form.nothing_else()?;
    let id = dashboard.store.create_team(visitor.user(), &plan).await?;
    Ok(Redirect::to(&Notice::Made.on(&address(id))))
}

/// Takes the name of a team, the projects that it keeps, and those that are added, one per line.
///
/// # Errors
/// When a name cannot be one, or there are too many.
pub(super) fn plan(form: &mut Parameters) -> Result<TeamPlan, InvalidParameter> {
    let name = form.one("name")?.unwrap_or_default();
    let mut projects = kept_names(form, "project")?;
    let added = form.one("add")?.unwrap_or_default();
    let added = added.lines().map(str::trim).filter(|line| !line.is_empty());
    projects.extend(added.map(str::to_owned));
    // A field of one line loses the line ends of a name: whoever left it alone has not changed it.
    let is_same = |before: &String| before.replace(['\r', '\n'], "").trim() == name.trim();
    let before = kept_names(form, "before")?.into_iter().find(is_same);
    let name = before.unwrap_or_else(|| name.trim().to_owned());
    TeamPlan::new(name, projects, None).map_err(invalid)
}
