//! `/dashboard/invitations`: what one is asked to share, with whom, and the answer.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use uuid::Uuid;

use super::Dashboard;
use super::form::{Form, kept, kept_names};
use super::id::Id;
use super::notice::Notice;
use super::page::{Tab, csrf, page};
use super::parameters::Parameters;
use super::teams::address;
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::store::Invitation;

const PATH: &str = "/dashboard/invitations";

/// The visitor's invitations.
pub(super) async fn invitations(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let notice = Notice::take(&mut parameters)?;
    parameters.nothing_else()?;
    let invitations = dashboard.store.list_invitations(visitor.user()).await?;
    let shared = dashboard.store.list_shares(visitor.user()).await?;
    let content = html! {
        p.crumb { a href="/dashboard/teams" { "Teams" } }
        header.title { h1 { "Invitations" } }
        (Notice::markup(notice))
        @if invitations.is_empty() { p.empty { "No pending invitations." } }
        @for invitation in &invitations { (card(invitation, &shared, &visitor)) }
    };
    Ok(page(
        Some(&visitor),
        "Invitations",
        Some(Tab::Teams),
        content,
    ))
}

fn card(invitation: &Invitation, shared: &HashMap<Uuid, Vec<String>>, visitor: &Visitor) -> Markup {
    let team = &invitation.team;
    let is_member = team
        .users
        .iter()
        .any(|person| person.id == visitor.user().id());
    let others = team
        .users
        .iter()
        .filter(|person| person.id != visitor.user().id());
    let logins: Vec<&str> = others.map(|person| person.login.as_str()).collect();
    html! {
        section.panel aria-labelledby=(invitation.id) {
            h2 id=(invitation.id) { bdi { (team.name) } }
            p {
                strong { bdi { (invitation.owner.login) } }
                @if is_member { " asks you to share more with this team." } @else { " invites you to this team." }
            }
            p {
                "The time and tags of your frames on the projects you share can be seen by "
                @for login in &logins { bdi { (login) } ", " }
                "and everyone who joins later."
            }
            @if visitor.may_write() {
                (answer(invitation, shared.get(&team.id).map_or(&[][..], Vec::as_slice), visitor))
            } @else {
                ul.tags aria-label="Projects" { @for project in &team.projects { li { span.tag { bdi { (project) } } } } }
                p.hint { "You signed in with a read-only token, so you cannot answer." }
            }
        }
    }
}

/// Nothing is ticked but what is shared already: consent is given, not taken back.
fn answer(invitation: &Invitation, shared: &[String], visitor: &Visitor) -> Markup {
    let projects = &invitation.team.projects;
    html! {
        form method="post" action={ (PATH) "/" (invitation.id) "/accept" } {
            (csrf(visitor))
            fieldset {
                legend { "Projects" }
                @if projects.is_empty() { p.empty { "The team has no projects yet." } }
                @for project in projects { label.choice {
                    input type="checkbox" name="project" value=(kept(project)) checked[shared.contains(project)];
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
            (csrf(visitor))
            button.quiet type="submit" { "Decline" }
        }
    }
}

/// Accepts an invitation, sharing what was chosen or all that it was about.
pub(super) async fn accept(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    let all = form.one("share")?.as_deref() == Some("all");
    let chosen = kept_names(&mut form, "project")?;
    form.nothing_else()?;
    let chosen = (!all).then_some(&chosen[..]);
    let user = visitor.user();
    let team = dashboard.store.accept_invitation(user, id, chosen).await?;
    Ok(Redirect::to(&Notice::Joined.on(&address(team.id))))
}

/// Declines an invitation.
pub(super) async fn decline(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    form.nothing_else()?;
    let user = visitor.user();
    dashboard.store.decline_invitation(user, id).await?;
    Ok(Redirect::to(&Notice::Declined.on(PATH)))
}
