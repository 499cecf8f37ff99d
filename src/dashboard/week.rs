//! `/`: where the time of a week went.

use axum::extract::State;
use axum::response::Html;
use jiff::civil::Date;
use maud::{Markup, html};

use super::Dashboard;
use super::chart::{Bar, Week, bars, parts, swatch};
use super::chosen_names::visible;
use super::duration::tracked;
use super::frame_table::frame_table;
use super::frames;
use super::page::{Tab, page};
use super::parameters::{Parameters, invalid, query};
use super::range::{links, range_title, take_week, today};
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::model::{DayRange, Days, Level, Sum, Unit};
use crate::store::{FrameFilter, FrameList, FrameSource, PulledFrame, ReportFilter};

/// The newest frames that the page shows.
const LAST_FRAMES: i64 = 10;

/// The week of today, or `?week=2026-W48`.
pub(super) async fn week(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&visitor.zone);
    let range = take_week(&mut parameters, today)?;
    parameters.nothing_else()?;
    let filter = ReportFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        periods: range
            .periods(&visitor.zone, &[Unit::Day])
            .map_err(invalid)?,
        levels: vec![Level::Time(Unit::Day), Level::Project, Level::Tag],
    };
    let sum = dashboard.store.report(visitor.user(), &filter).await?;
    let last = FrameFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        days: Days::new(visitor.zone.clone(), None, None).map_err(invalid)?,
        limit: LAST_FRAMES,
        offset: 0,
    };
    let last = dashboard.store.list_frames(visitor.user(), &last).await?;
    if last.count == 0 {
        return Ok(page(
            Some(&visitor),
            "Welcome",
            Some(Tab::Week),
            first_day(),
        ));
    }
    let content = content(range, today, &sum, last, &visitor);
    Ok(page(
        Some(&visitor),
        &range_title(range),
        Some(Tab::Week),
        content,
    ))
}

/// Where a week is shown.
fn address(range: DayRange) -> String {
    format!(
        "/?{}",
        query([("week", &*Unit::Week.period_name(range.from))])
    )
}

fn content(range: DayRange, today: Date, sum: &Sum, last: FrameList, visitor: &Visitor) -> Markup {
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
            (frame_table(&last, &visitor.zone))
            p { a href="/dashboard/frames" { "All frames" } }
        }
    }
}

/// The projects in the colours that they have in the chart, each with its tags.
fn projects(week: &Week, range: DayRange, sum: &Sum) -> Markup {
    let sum = sum.without_outer_level();
    let (from, to) = (range.from.to_string(), range.to.to_string());
    let rows: Vec<Bar> = sum
        .longest_first()
        .into_iter()
        .map(|(key, within)| {
            let name = key.name.as_deref().unwrap_or_default();
            let class = week.class(name);
            let address = frames::address(&[("project", name), ("from", &from), ("to", &to)]);
            Bar {
                name: html! { (swatch(class)) " " a href=(address) { (visible(name)) } },
                time: within.microseconds,
                class: class.to_owned(),
                note: parts(within),
            }
        })
        .collect();
    bars("Projects of the week", "Project", &rows, sum.microseconds)
}

/// What somebody sees who has no frames yet.
fn first_day() -> Markup {
    html! {
        h1 { "Welcome" }
        p.lead { "No frames yet. Send yours from Watson in three steps:" }
        ol.steps {
            li { a href="/dashboard/devices" { "Create a token for this computer" } " on the Devices page." }
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
        p { "Then " a href="/" { "reload this page" } ". Time that Watson tracked earlier is synced too." }
    }
}
