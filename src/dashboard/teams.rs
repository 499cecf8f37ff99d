//! `/dashboard/teams`: list and create teams.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use uuid::Uuid;

use super::Dashboard;
use super::flash::Flash;
use super::form::{Form, take_encoded_names};
use super::page::{Tab, csrf};
use super::parameters::{InvalidParameter, Parameters, invalid};
use super::session::Session;
use crate::http::HttpError;
use crate::model::TeamPlan;
use crate::store::Team;

/// The path of a team.
pub(super) fn address(team: Uuid) -> String {
    format!("/dashboard/teams/{team}")
}

/// The list of teams.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let flash = Flash::take(&mut parameters)?;
    parameters.reject_unknown()?;
    let teams = dashboard.store.list_teams(session.user()).await?;
    let shared = dashboard.store.list_shares(session.user()).await?;
    let content = html! {
        header.title { h1 { "Teams" } }
        (Flash::markup(flash))
        p.lead {
            "A team sees the time of the projects that its members choose to share, and nothing "
            "else. "
            a href="/dashboard/invitations" { "Invitations" }
        }
        @if teams.is_empty() { p.empty { "You are not in a team yet." } }
        @for team in &teams { (card(team, &shared, &session)) }
        @if session.may_write() { (new_team(&session)) }
    };
    Ok(session.page("Teams", Tab::Teams, content))
}

fn card(team: &Team, shared: &HashMap<Uuid, Vec<String>>, session: &Session) -> Markup {
    let owner = team.users.iter().find(|person| person.id == team.owner_id);
    let members = team.users.len();
    let shared = shared.get(&team.id).map_or(0, Vec::len);
    html! {
        section.panel aria-labelledby=(team.id) {
            h2 id=(team.id) { a href=(address(team.id)) { bdi { (team.name) } } }
            p {
                @if team.owner_id == session.user().id() { "Owned by you" }
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

fn new_team(session: &Session) -> Markup {
    html! {
        section.panel aria-labelledby="new" {
            h2 id="new" { "Create a team" }
            form method="post" action="/dashboard/teams" {
                (csrf(session))
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

/// Creates a team.
pub(super) async fn create(
    State(dashboard): State<Dashboard>,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let plan = take_plan(&mut form)?;
    form.reject_unknown()?;
    let id = dashboard.store.create_team(session.user(), &plan).await?;
    Ok(Redirect::to(&Flash::TEAM_CREATED.address(&address(id))))
}

/// Takes the name of a team, its selected projects, and added ones, one per line.
pub(super) fn take_plan(form: &mut Parameters) -> Result<TeamPlan, InvalidParameter> {
    let name = form.take_one("name")?.unwrap_or_default();
    let mut projects = take_encoded_names(form, "project")?;
    let added = form.take_one("add")?.unwrap_or_default();
    let added = added.lines().map(str::trim).filter(|line| !line.is_empty());
    projects.extend(added.map(str::to_owned));
    // A text input drops the line ends of a name: if nothing else differs, the name is unchanged.
    let is_same = |before: &String| before.replace(['\r', '\n'], "").trim() == name.trim();
    let before = take_encoded_names(form, "before")?
        .into_iter()
        .find(is_same);
    let name = before.unwrap_or_else(|| name.trim().to_owned());
    TeamPlan::new(name, projects, None).map_err(invalid)
}
