//! `/dashboard/teams/{id}`: the report, the members and the settings of a team.

mod changes;
mod membership;
mod owner;
mod report;

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use uuid::Uuid;

pub(super) use changes::{delete, invite, remove_member, update, withdraw};
pub(super) use membership::{leave, share};

use super::Dashboard;
use super::flash::Flash;
use super::id::Id;
use super::page::Tab;
use super::parameters::{Parameters, invalid};
use super::range::{take_range, today};
use super::session::Session;
use super::teams::address;
use crate::http::HttpError;
use crate::model::{Level, LoginPrefix};
use crate::store::{FrameSource, ReportFilter, Team};

/// A team of the user.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    session: Session,
    Id(id): Id,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&session.zone);
    let flash = Flash::take(&mut parameters)?;
    let search = parameters.take_one("q")?;
    let range = take_range(&mut parameters, today)?;
    parameters.reject_unknown()?;

    let (store, user) = (&dashboard.store, session.user());
    let team = store.get_team(user, id).await?;
    let filter = ReportFilter {
        source: FrameSource::Team(id, Vec::new()),
        tags: Vec::new(),
        periods: range.periods(&session.zone, &[]).map_err(invalid)?,
        levels: vec![Level::Person, Level::Project],
    };
    let sum = store.report(user, &filter).await?;
    let shared = store.get_shares(user, id).await?;
    let owned = if team.owner_id == user.id() && session.may_write() {
        let found = match search.map(LoginPrefix::new).transpose().map_err(invalid)? {
            Some(prefix) => Some(store.search_users(user, &prefix).await?),
            None => None,
        };
        let invitations = store.list_team_invitations(user, id).await?;
        owner::section(&team, &invitations, found.as_deref(), &session)
    } else if search.is_some() {
        return Err(HttpError::Forbidden(
            "Only the owner of a team can search for people, with a token that has write access."
                .to_owned(),
        ));
    } else {
        Markup::default()
    };
    let content = html! {
        (heading(&team))
        (Flash::markup(flash))
        (report::report(&team, range, today, &sum))
        (membership::members(&team, &session))
        @if session.may_write() { (membership::sharing_form(&team, &shared, &session)) }
        (owned)
    };
    Ok(session.page(&team.name, Tab::Teams, content))
}

fn heading(team: &Team) -> Markup {
    html! {
        p.crumb { a href="/dashboard/teams" { "Teams" } }
        header.title { h1 { bdi { (team.name) } } }
    }
}

/// Redirects to the team's page with a message.
fn redirect_to_team(team: Uuid, flash: Flash) -> Redirect {
    Redirect::to(&flash.address(&address(team)))
}
