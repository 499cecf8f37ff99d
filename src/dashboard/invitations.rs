//! `/dashboard/invitations`: list, accept and decline invitations.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use uuid::Uuid;

use super::Dashboard;
use super::flash::Flash;
use super::form::{Form, encode_name, take_encoded_names};
use super::id::Id;
use super::page::{Tab, csrf};
use super::parameters::Parameters;
use super::session::Session;
use super::teams::address;
use crate::http::HttpError;
use crate::store::Invitation;

const PATH: &str = "/dashboard/invitations";

/// The list of pending invitations.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let flash = Flash::take(&mut parameters)?;
    parameters.reject_unknown()?;
    let invitations = dashboard.store.list_invitations(session.user()).await?;
    let shared = dashboard.store.list_shares(session.user()).await?;
    let content = html! {
        p.crumb { a href="/dashboard/teams" { "Teams" } }
        header.title { h1 { "Invitations" } }
        (Flash::markup(flash))
        @if invitations.is_empty() { p.empty { "No pending invitations." } }
        @for invitation in &invitations { (card(invitation, &shared, &session)) }
    };
    Ok(session.page("Invitations", Tab::Teams, content))
}

fn card(invitation: &Invitation, shared: &HashMap<Uuid, Vec<String>>, session: &Session) -> Markup {
    let team = &invitation.team;
    let is_member = team
        .users
        .iter()
        .any(|person| person.id == session.user().id());
    let others = team
        .users
        .iter()
        .filter(|person| person.id != session.user().id());
    let logins: Vec<&str> = others.map(|person| person.login.as_str()).collect();
    html! {
        section.panel aria-labelledby=(invitation.id) {
            h2 id=(invitation.id) { bdi { (team.name) } }
            p {
                strong { bdi { (invitation.owner.login) } }
                @if is_member { " asks you to share more with this team." }
                @else { " invites you to this team." }
            }
            p {
                "The time and tags of your frames on the projects you share can be seen by "
                @for login in &logins { bdi { (login) } ", " }
                "and everyone who joins later."
            }
            @if session.may_write() {
                (answer(invitation, shared.get(&team.id).map_or(&[][..], Vec::as_slice), session))
            } @else {
                ul.tags aria-label="Projects" {
                    @for project in &team.projects { li { span.tag { bdi { (project) } } } }
                }
                p.hint { "You signed in with a read-only token, so you cannot answer." }
            }
        }
    }
}

/// Only projects that are already shared are preselected: sharing needs consent.
fn answer(invitation: &Invitation, shared: &[String], session: &Session) -> Markup {
    let projects = &invitation.team.projects;
    html! {
        form method="post" action={ (PATH) "/" (invitation.id) "/accept" } {
            (csrf(session))
            fieldset {
                legend { "Projects" }
                @if projects.is_empty() { p.empty { "The team has no projects yet." } }
                @for project in projects { label.choice {
                    input type="checkbox" name="project" value=(encode_name(project))
                        checked[shared.contains(project)];
                    " " bdi { (project) }
                } }
            }
            div.actions {
                button type="submit" name="share" value="chosen" { "Join and share selected" }
                @if !projects.is_empty() {
                    button type="submit" name="share" value="all" { "Join and share all" }
                }
            }
        }
        form method="post" action={ (PATH) "/" (invitation.id) "/decline" } {
            (csrf(session))
            button.quiet type="submit" { "Decline" }
        }
    }
}

/// Accepts an invitation, and shares the selected projects or all.
pub(super) async fn accept(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    let all = form.take_one("share")?.as_deref() == Some("all");
    let chosen = take_encoded_names(&mut form, "project")?;
    form.reject_unknown()?;
    let chosen = (!all).then_some(&chosen[..]);
    let user = session.user();
    let team = dashboard.store.accept_invitation(user, id, chosen).await?;
    Ok(Redirect::to(&Flash::TEAM_JOINED.address(&address(team.id))))
}

/// Declines an invitation.
pub(super) async fn decline(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    form.reject_unknown()?;
    let user = session.user();
    dashboard.store.decline_invitation(user, id).await?;
    Ok(Redirect::to(&Flash::INVITATION_DECLINED.address(PATH)))
}
