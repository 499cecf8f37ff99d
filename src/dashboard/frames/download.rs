//! The frames of a choice as a file.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::PATH;
use super::filter::Filter;
use crate::dashboard::Dashboard;
use crate::dashboard::feeds::PATH as FEEDS;
use crate::dashboard::parameters::{Parameters, query};
use crate::dashboard::visitor::Visitor;
use crate::formats::{Format, Writer};
use crate::http::HttpError;
use crate::http::frame_file;

/// Links to the files of these frames.
pub(super) fn links(filter: &Filter) -> Markup {
    let pairs = filter.pairs();
    let query = query(pairs.iter().map(|(name, value)| (*name, &**value)));
    let address = |format: Format| {
        let suffix = format.suffix();
        match query.as_str() {
            "" => format!("{PATH}.{suffix}"),
            query => format!("{PATH}.{suffix}?{query}"),
        }
    };
    let names: Vec<_> = filter.names.pairs().collect();
    let feeds = match self::query(names.iter().map(|(name, value)| (*name, &**value))) {
        names if names.is_empty() => FEEDS.to_owned(),
        names => format!("{FEEDS}?{names}"),
    };
    html! {
        p.aside {
            "Download: "
            a href=(address(Format::Csv)) download { "CSV" } " · "
            a href=(address(Format::JsonLines)) download { "JSON Lines" } " · "
            a href=(address(Format::Calendar)) download { "iCalendar" }
            ". " a href=(feeds) { "Calendar feeds" } " keep your calendar up to date."
        }
    }
}

/// All frames of a choice as CSV.
pub(in crate::dashboard) async fn csv(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, HttpError> {
    file(&dashboard, &visitor, parameters, Format::Csv).await
}

/// All frames of a choice as JSON lines.
pub(in crate::dashboard) async fn json_lines(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, HttpError> {
    file(&dashboard, &visitor, parameters, Format::JsonLines).await
}

/// All frames of a choice as a calendar.
pub(in crate::dashboard) async fn calendar(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    parameters: Parameters,
) -> Result<Response, HttpError> {
    file(&dashboard, &visitor, parameters, Format::Calendar).await
}

async fn file(
    dashboard: &Dashboard,
    visitor: &Visitor,
    mut parameters: Parameters,
    format: Format,
) -> Result<Response, HttpError> {
    let filter = Filter::parse(&mut parameters)?;
    parameters.nothing_else()?;
    let filter = filter.frames(&visitor.zone, i64::MAX.unsigned_abs(), 1)?;
    let writer = Writer {
        format,
        zone: visitor.zone.clone(),
        is_of_team: false,
        name: visitor.user().login().to_owned(),
        is_feed: false,
    };
    let pieces = frame_file::pieces(&dashboard.store, visitor.user(), filter, writer);
    let body = frame_file::body(pieces).await?;
    Ok(frame_file::download(body, format, format.media_type()))
}
