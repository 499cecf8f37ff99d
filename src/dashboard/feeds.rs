//! `/dashboard/feeds`: list, create and delete calendar feeds.

mod created;
mod new;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::Dashboard;
use super::chart::scroll_box;
use super::flash::Flash;
use super::form::Form;
use super::id::Id;
use super::name_filter::{NameFilter, name_markup};
use super::page::{Tab, csrf};
use super::parameters::Parameters;
use super::session::Session;
use crate::http::HttpError;
use crate::model::project_label;
use crate::store::{Feed, Team};

/// The path of the list. Projects and tags in the query fill in the form for a new feed.
pub(super) const PATH: &str = "/dashboard/feeds";

/// The list of feeds, and the form for a new one.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let flash = Flash::take(&mut parameters)?;
    let names = NameFilter::take(&mut parameters)?;
    parameters.reject_unknown()?;
    let feeds = dashboard.store.list_feeds(session.user()).await?;
    let teams = dashboard.store.list_teams(session.user()).await?;
    let content = html! {
        p.crumb { a href="/dashboard/frames" { "Frames" } }
        header.title { h1 { "Calendar feeds" } }
        (Flash::markup(flash))
        p.lead {
            "Subscribe to a feed in your calendar app, which updates it every hour. Anyone with the "
            "address can see the frames until you delete the feed."
        }
        @if feeds.is_empty() { p.empty { "No feeds yet." } }
        @else { div.panel { (scroll_box("Feeds", &table(&feeds, &teams, &session))) } }
        @if session.may_write() { (new::form(&teams, &names, &session)) }
    };
    Ok(session.page("Calendar feeds", Tab::Frames, content))
}

fn table(feeds: &[Feed], teams: &[Team], session: &Session) -> Markup {
    html! {
        table {
            caption.unseen { "Calendar feeds, oldest first" }
            thead { tr {
                th scope="col" { "Name" }
                th scope="col" { "Frames" }
                th scope="col" { "Last read" }
                th scope="col" { "Expires" }
                @if session.may_write() { th scope="col" { span.unseen { "Delete" } } }
            } }
            tbody { @for feed in feeds { tr {
                th scope="row" { (feed.selection.name) }
                td { (selection(feed, teams)) }
                td { (moment(feed.last_used_at, &session.zone)) }
                td { (moment(feed.selection.expires_at, &session.zone)) }
                @if session.may_write() { td {
                    form.inline method="post" action={ (PATH) "/" (feed.id) "/remove" } {
                        (csrf(session))
                        button type="submit" { "Delete" span.unseen { " " (feed.selection.name) } }
                    }
                } }
            } } }
        }
    }
}

/// Describes the frames of a feed.
fn selection(feed: &Feed, teams: &[Team]) -> Markup {
    let shows = &feed.selection;
    let team = shows.team.map(|id| {
        let team = teams.iter().find(|team| team.id == id);
        team.map_or("you are no longer in", |team| &team.name)
    });
    let projects = shows.projects.iter().map(|name| project_label(name));
    let projects: Vec<&str> = projects.collect();
    html! {
        @if let Some(team) = team { "Team " (team) } @else { "Your own frames" }
        @if !projects.is_empty() { " on " (projects.join(", ")) }
        @for tag in &shows.tags { " " span.tag { (name_markup(tag)) } }
        ", " @if shows.days_back == 1 { "last day" } @else { "last " (shows.days_back) " days" }
    }
}

fn moment(at: Option<Timestamp>, zone: &TimeZone) -> Markup {
    html! {
        @match at {
            Some(at) => time datetime=(at) {
                (at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M"))
            },
            None => "never",
        }
    }
}

/// Creates a feed, and shows its address once.
pub(super) async fn create(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Form(session, mut form): Form<Parameters>,
) -> Result<Response, HttpError> {
    let wanted = new::feed(&mut form, session.caller.expires_at)?;
    form.reject_unknown()?;
    let created = dashboard.store.create_feed(&session.caller, wanted).await?;
    Ok(created::page_of(&session, &created, &headers).into_response())
}

/// Deletes a feed.
pub(super) async fn delete(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(session, form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    form.reject_unknown()?;
    dashboard.store.delete_feed(session.user(), id).await?;
    Ok(Redirect::to(&Flash::FEED_DELETED.address(PATH)))
}
