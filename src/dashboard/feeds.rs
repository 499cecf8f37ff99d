//! `/dashboard/feeds`: addresses that show frames as a calendar to whoever knows them: make, list, remove.

mod created;
mod new;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::Dashboard;
use super::chart::scrolling;
use super::chosen_names::{ChosenNames, visible};
use super::form::Form;
use super::id::Id;
use super::notice::Notice;
use super::page::{Tab, csrf, page};
use super::parameters::Parameters;
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::model::project_label;
use crate::store::{Feed, Team};

/// Where the feeds are; projects and tags in the address fill in the form for a new one.
pub(super) const PATH: &str = "/dashboard/feeds";

/// The feeds, and the form for one more.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let notice = Notice::take(&mut parameters)?;
    let names = ChosenNames::take(&mut parameters)?;
    parameters.nothing_else()?;
    let feeds = dashboard.store.list_feeds(visitor.user()).await?;
    let teams = dashboard.store.list_teams(visitor.user()).await?;
    let content = html! {
        p.crumb { a href="/dashboard/frames" { "Frames" } }
        header.title { h1 { "Calendar feeds" } }
        (Notice::markup(notice))
        p.lead {
            "Subscribe to a feed in your calendar app, which updates it every hour. Anyone with the address can "
            "see the frames until you delete the feed."
        }
        @if feeds.is_empty() { p.empty { "No feeds yet." } }
        @else { div.panel { (scrolling("Feeds", &table(&feeds, &teams, &visitor))) } }
        @if visitor.may_write() { (new::form(&teams, &names, &visitor)) }
    };
    Ok(page(
        Some(&visitor),
        "Calendar feeds",
        Some(Tab::Frames),
        content,
    ))
}

fn table(feeds: &[Feed], teams: &[Team], visitor: &Visitor) -> Markup {
    html! {
        table {
            caption.unseen { "Calendar feeds, oldest first" }
            thead { tr {
                th scope="col" { "Name" }
                th scope="col" { "Frames" }
                th scope="col" { "Last read" }
                th scope="col" { "Expires" }
                @if visitor.may_write() { th scope="col" { span.unseen { "Delete" } } }
            } }
            tbody { @for feed in feeds { tr {
                th scope="row" { (feed.shows.name) }
                td { (shows(feed, teams)) }
                td { (moment(feed.last_used_at, &visitor.zone)) }
                td { (moment(feed.shows.expires_at, &visitor.zone)) }
                @if visitor.may_write() { td {
                    form.inline method="post" action={ (PATH) "/" (feed.id) "/remove" } {
                        (csrf(visitor))
                        button type="submit" { "Delete" span.unseen { " " (feed.shows.name) } }
                    }
                } }
            } } }
        }
    }
}

/// What a feed shows, in words.
fn shows(feed: &Feed, teams: &[Team]) -> Markup {
    let shows = &feed.shows;
    let team = shows.team.map(|id| {
        let team = teams.iter().find(|team| team.id == id);
        team.map_or("you are no longer in", |team| &team.name)
    });
    html! {
        @if let Some(team) = team { "Team " (team) } @else { "Your own frames" }
        @if !shows.projects.is_empty() { " on " (shows.projects.iter().map(|name| project_label(name)).collect::<Vec<_>>().join(", ")) }
        @for tag in &shows.tags { " " span.tag { (visible(tag)) } }
        ", " @if shows.days_back == 1 { "last day" } @else { "last " (shows.days_back) " days" }
    }
}

fn moment(at: Option<Timestamp>, zone: &TimeZone) -> Markup {
    html! {
        @match at {
            Some(at) => time datetime=(at) { (at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M")) },
            None => "never",
        }
    }
}

/// Makes a feed, and shows its address this once.
pub(super) async fn create(
    State(dashboard): State<Dashboard>,
    headers: HeaderMap,
    Form(visitor, mut form): Form<Parameters>,
) -> Result<Response, HttpError> {
    visitor.must_write()?;
    let wanted = new::feed(&mut form, visitor.caller.expires_at)?;
    form.nothing_else()?;
    let made = dashboard.store.create_feed(&visitor.caller, wanted).await?;
    Ok(created::page_of(&visitor, &made, &headers).into_response())
}

/// Removes a feed.
pub(super) async fn remove(
    State(dashboard): State<Dashboard>,
    Id(id): Id,
    Form(visitor, form): Form<Parameters>,
) -> Result<Redirect, HttpError> {
    visitor.must_write()?;
    form.nothing_else()?;
    dashboard.store.delete_feed(visitor.user(), id).await?;
    Ok(Redirect::to(&Notice::FeedRemoved.on(PATH)))
}
