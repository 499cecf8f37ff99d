//! `/dashboard/teams/{id}`: what a team's members share with it, who they are, and what one may do about it.

mod changes;
mod membership;
mod owner;
mod report;

use axum::extract::State;
use axum::response::{Html, Redirect};
use maud::{Markup, html};
use uuid::Uuid;

pub(super) use changes::{change, delete, invite, remove, withdraw};
pub(super) use membership::{leave, share};

use super::Dashboard;
use super::id::Id;
use super::notice::Notice;
use super::page::{Tab, page};
use super::parameters::{Parameters, invalid};
use super::range::{take_range, today};
use super::teams::address;
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::model::{Level, LoginPrefix};
use crate::store::{FrameSource, ReportFilter, Team};

/// A team that the visitor is in.
pub(super) async fn team(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    Id(id): Id,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&visitor.zone);
    let notice = Notice::take(&mut parameters)?;
    let search = parameters.one("q")?;
    let range = take_range(&mut parameters, today)?;
    parameters.nothing_else()?;

    let (store, user) = (&dashboard.store, visitor.user());
    let team = store.get_team(user, id).await?;
    let filter = ReportFilter {
        source: FrameSource::Team(id, Vec::new()),
        tags: Vec::new(),
        periods: range.periods(&visitor.zone, &[]).map_err(invalid)?,
        levels: vec![Level::Person, Level::Project],
    };
    let sum = store.report(user, &filter).await?;
    let shared = store.get_shares(user, id).await?;
    let owned = if team.owner_id == user.id() && visitor.may_write() {
        let found = match search.map(LoginPrefix::new).transpose().map_err(invalid)? {
            Some(prefix) => Some(store.search_users(user, &prefix).await?),
            None => None,
        };
        let invitations = store.list_team_invitations(user, id).await?;
        owner::section(&team, &invitations, found.as_deref(), &visitor)
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
        (Notice::markup(notice))
        (report::report(&team, range, today, &sum))
        (membership::members(&team, &visitor))
        @if visitor.may_write() { (membership::shares(&team, &shared, &visitor)) }
        (owned)
    };
    Ok(page(Some(&visitor), &team.name, Some(Tab::Teams), content))
}

fn heading(team: &Team) -> Markup {
    html! {
        p.crumb { a href="/dashboard/teams" { "Teams" } }
        header.title { h1 { bdi { (team.name) } } }
    }
}

/// To the team's page, which says what was done.
fn back(team: Uuid, notice: Notice) -> Redirect {
    Redirect::to(&notice.on(&address(team)))
}
