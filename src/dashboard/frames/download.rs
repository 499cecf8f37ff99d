//! Downloads of the filtered frames.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::filter::Filter;
use super::url::PATH;
use crate::dashboard::Dashboard;
use crate::dashboard::feeds::PATH as FEEDS;
use crate::dashboard::parameters::{Parameters, query};
use crate::dashboard::session::Session;
use crate::formats::{Format, Writer};
use crate::http::HttpError;
use crate::http::frame_file;

/// Links to the downloads, and to feeds with the same names.
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

/// The frames as CSV.
pub(in crate::dashboard) async fn csv(
    State(dashboard): State<Dashboard>,
    session: Session,
    parameters: Parameters,
) -> Result<Response, HttpError> {
    file(&dashboard, &session, parameters, Format::Csv).await
}

/// The frames as JSON Lines.
pub(in crate::dashboard) async fn json_lines(
    State(dashboard): State<Dashboard>,
    session: Session,
    parameters: Parameters,
) -> Result<Response, HttpError> {
    file(&dashboard, &session, parameters, Format::JsonLines).await
}

/// The frames as iCalendar.
pub(in crate::dashboard) async fn calendar(
    State(dashboard): State<Dashboard>,
    session: Session,
    parameters: Parameters,
) -> Result<Response, HttpError> {
    file(&dashboard, &session, parameters, Format::Calendar).await
}

async fn file(
    dashboard: &Dashboard,
    session: &Session,
    mut parameters: Parameters,
    format: Format,
) -> Result<Response, HttpError> {
    let filter = Filter::parse(&mut parameters)?;
    parameters.reject_unknown()?;
    let filter = filter.frames(&session.zone, i64::MAX.unsigned_abs(), 1)?;
    let writer = Writer {
        format,
        zone: session.zone.clone(),
        is_of_team: false,
        name: session.user().login().to_owned(),
        is_feed: false,
    };
    let pieces = frame_file::pieces(&dashboard.store, session.user(), filter, writer);
    let body = frame_file::body(pieces).await?;
    Ok(frame_file::download(body, format, format.media_type()))
}
