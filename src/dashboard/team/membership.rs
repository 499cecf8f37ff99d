//! Who is in a team, what the visitor shares with it, and how they leave it.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};

use super::back;
use crate::dashboard::Dashboard;
use crate::dashboard::form::{Form, kept, kept_names};
use crate::dashboard::id::Id;
use crate::dashboard::notice::Notice;
use crate::dashboard::page::csrf;
use crate::dashboard::parameters::Parameters;
use crate::dashboard::teams::address;
use crate::dashboard::visitor::Visitor;
use crate::http::HttpError;
use crate::store::Team;

/// The members, the owner marked.
pub(super) fn members(team: &Team, visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="members" {
            h2 id="members" { "Members" }
            ul.people { @for person in &team.users { li {
                bdi { (person.login) }
                @if person.id == visitor.user().id() { " " span.aside { "(you)" } }
                @if person.id == team.owner_id { " " span.aside { "owner" } }
            } } }
        }
    }
}

/// What the visitor shares, to change, and the way out.
pub(super) fn shares(team: &Team, shared: &[String], visitor: &Visitor) -> Markup {
    let shared: HashSet<&String> = shared.iter().collect();
    let path = address(team.id);
    html! {
        section.panel aria-labelledby="shares" {
            h2 id="shares" { "What you share" }
            form method="post" action={ (path) "/share" } {
                (csrf(visitor))
                fieldset {
                    legend { "The team sees your time on these projects:" }
                    @if team.projects.is_empty() { p.empty { "The team has no projects yet." } }
                    @for project in &team.projects {
                        label.choice {
                            input type="checkbox" name="project" value=(kept(project)) checked[shared.contains(project)];
                            " " bdi { (project) }
                        }
                    }
                }
                @if !team.projects.is_empty() { button type="submit" { "Save sharing" } }
            }
            @if team.owner_id != visitor.user().id() { details.more {
                summary { "Leave team…" }
                form method="post" action={ (path) "/leave" } {
                    (csrf(visitor))
                    p { "The team will no longer see your time, and you will no longer see the team’s." }
                    button.bad type="submit" { "Leave " bdi { (team.name) } }
                }
            } }
        }
    }
}

/// Changes what the visitor shares.
pub(in crate::dashboard) async fn share(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let chosen = kept_names(&mut form, "project")?;
    form.nothing_else()?;
    dashboard
        .store
        .update_shares(visitor.user(), id, &chosen)
        .await?;
    Ok(back(id, Notice::Shared))
}

/// Leaves the team.
pub(in crate::dashboard) async fn leave(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    form.nothing_else()?;
    dashboard.store.leave_team(visitor.user(), id).await?;
    Ok(Redirect::to(&Notice::Left.on("/dashboard/teams")))
}
