//! The members of a team, and the user's own sharing.

use std::collections::HashSet;

use axum::extract::State;
use axum::response::Redirect;
use maud::{Markup, html};

use super::redirect_to_team;
use crate::dashboard::Dashboard;
use crate::dashboard::flash::Flash;
use crate::dashboard::form::{Form, encode_name, take_encoded_names};
use crate::dashboard::id::Id;
use crate::dashboard::page::csrf;
use crate::dashboard::parameters::Parameters;
use crate::dashboard::session::Session;
use crate::dashboard::teams::address;
use crate::http::HttpError;
use crate::store::Team;

/// The list of members.
pub(super) fn members(team: &Team, session: &Session) -> Markup {
    html! {
        section.panel aria-labelledby="members" {
            h2 id="members" { "Members" }
            ul.people { @for person in &team.users { li {
                bdi { (person.login) }
                @if person.id == session.user().id() { " " span.aside { "(you)" } }
                @if person.id == team.owner_id { " " span.aside { "owner" } }
            } } }
        }
    }
}

/// The forms to change what the user shares, and to leave.
pub(super) fn sharing_form(team: &Team, shared: &[String], session: &Session) -> Markup {
    let shared: HashSet<&String> = shared.iter().collect();
    let path = address(team.id);
    html! {
        section.panel aria-labelledby="shares" {
            h2 id="shares" { "What you share" }
            form method="post" action={ (path) "/share" } {
                (csrf(session))
                fieldset {
                    legend { "The team sees your time on these projects:" }
                    @if team.projects.is_empty() { p.empty { "The team has no projects yet." } }
                    @for project in &team.projects {
                        label.choice {
                            input type="checkbox" name="project" value=(encode_name(project))
                                checked[shared.contains(project)];
                            " " bdi { (project) }
                        }
                    }
                }
                @if !team.projects.is_empty() { button type="submit" { "Save sharing" } }
            }
            @if team.owner_id != session.user().id() { details.more {
                summary { "Leave team…" }
                form method="post" action={ (path) "/leave" } {
                    (csrf(session))
                    p {
                        "The team will no longer see your time, and you will no longer see the team’s."
                    }
                    button.bad type="submit" { "Leave " bdi { (team.name) } }
                }
            } }
        }
    }
}

/// Replaces the shared projects.
pub(in crate::dashboard) async fn share(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let chosen = take_encoded_names(&mut form, "project")?;
    form.reject_unknown()?;
    dashboard
        .store
        .update_shares(session.user(), id, &chosen)
        .await?;
    Ok(redirect_to_team(id, Flash::SHARING_UPDATED))
}

/// Leaves the team.
pub(in crate::dashboard) async fn leave(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    form.reject_unknown()?;
    dashboard.store.leave_team(session.user(), id).await?;
    Ok(Redirect::to(&Flash::TEAM_LEFT.address("/dashboard/teams")))
}
