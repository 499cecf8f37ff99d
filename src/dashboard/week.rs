//! `/`: the time of a week.

use axum::extract::State;
use axum::response::Html;
use jiff::civil::Date;
use maud::{Markup, html};

use super::Dashboard;
use super::chart::{Bar, Week, bar_table, breakdown, swatch};
use super::duration::tracked;
use super::frames::{frame_table, frames_url};
use super::name_filter::name_markup;
use super::page::Tab;
use super::parameters::{Parameters, invalid, query};
use super::range::{links, range_title, take_week, today};
use super::session::Session;
use crate::http::HttpError;
use crate::model::{DayRange, Days, Level, Sum, Unit};
use crate::store::{FrameFilter, FrameList, FrameSource, PulledFrame, ReportFilter};

/// The number of frames on the page.
const LAST_FRAMES: i64 = 10;

/// The current week, or `?week=2026-W48`.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&session.zone);
    let range = take_week(&mut parameters, today)?;
    parameters.reject_unknown()?;
    let filter = ReportFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        periods: range
            .periods(&session.zone, &[Unit::Day])
            .map_err(invalid)?,
        levels: vec![Level::Time(Unit::Day), Level::Project, Level::Tag],
    };
    let sum = dashboard.store.report(session.user(), &filter).await?;
    let last = FrameFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        days: Days::new(session.zone.clone(), None, None).map_err(invalid)?,
        limit: LAST_FRAMES,
        offset: 0,
    };
    let last = dashboard.store.list_frames(session.user(), &last).await?;
    if last.count == 0 {
        return Ok(session.page("Welcome", Tab::Week, welcome()));
    }
    let content = content(range, today, &sum, last, &session);
    Ok(session.page(&range_title(range), Tab::Week, content))
}

/// The URL of a week.
fn address(range: DayRange) -> String {
    format!(
        "/?{}",
        query([("week", &*Unit::Week.period_name(range.from))])
    )
}

fn content(range: DayRange, today: Date, sum: &Sum, last: FrameList, session: &Session) -> Markup {
    let week = Week::new(&range.dates(), sum);
    let last: Vec<PulledFrame> = last.frames.into_iter().map(|(_, frame)| frame).collect();
    html! {
        header.title {
            h1 { (range_title(range)) }
            (links(range, today, address))
        }
        (tracked(sum.microseconds))
        section.panel aria-labelledby="days" {
            h2 id="days" { "Hours per day" }
            (week.draw())
        }
        section.panel aria-labelledby="projects" {
            h2 id="projects" { "Projects" }
            @if sum.groups.is_empty() { p.empty { "No time tracked in this week." } }
            @else { (projects(&week, range, sum)) }
        }
        section.panel aria-labelledby="last" {
            h2 id="last" { "Latest frames" }
            (frame_table(&last, &session.zone))
            p { a href="/dashboard/frames" { "All frames" } }
        }
    }
}

/// The projects in their colors of the chart, each with its tags.
fn projects(week: &Week, range: DayRange, sum: &Sum) -> Markup {
    let sum = sum.without_outer_level();
    let (from, to) = (range.from.to_string(), range.to.to_string());
    let rows: Vec<Bar> = sum
        .longest_first()
        .into_iter()
        .map(|(key, within)| {
            let name = key.name.as_deref().unwrap_or_default();
            let class = week.class(name);
            let address = frames_url(&[("project", name), ("from", &from), ("to", &to)]);
            Bar {
                name: html! { (swatch(class)) " " a href=(address) { (name_markup(name)) } },
                time: within.microseconds,
                class: class.to_owned(),
                note: breakdown(within),
            }
        })
        .collect();
    bar_table("Projects of the week", "Project", &rows, sum.microseconds)
}

/// The page of a user without frames.
fn welcome() -> Markup {
    html! {
        h1 { "Welcome" }
        p.lead { "No frames yet. Send yours from Watson in three steps:" }
        ol.steps {
            li {
                a href="/dashboard/devices" { "Create a token for this computer" }
                " on the Devices page."
            }
            li {
                "Copy the lines that begin with " code { "watson config" }
                " into a terminal. They tell Watson the address of this server and your token."
            }
            li {
                "Track some time and sync it:"
                pre tabindex="0" { code {
                    "watson start my-project\nwatson stop\nwatson sync"
                } }
            }
        }
        p {
            "Then " a href="/" { "reload this page" }
            ". Time that Watson tracked earlier is synced too."
        }
    }
}
