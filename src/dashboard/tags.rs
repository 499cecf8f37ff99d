//! `/dashboard/tags`: time by project and tag.

use axum::extract::State;
use axum::response::Html;
use jiff::civil::Date;
use maud::{Markup, html};

use super::Dashboard;
use super::chart::{Bar, bar_table, breakdown};
use super::duration::format_duration;
use super::frames::frames_url;
use super::name_filter::name_markup;
use super::page::Tab;
use super::parameters::{Parameters, invalid};
use super::range::{links, periods_form, range_query, range_title, take_range, today};
use super::session::Session;
use crate::http::HttpError;
use crate::model::{DayRange, Level, Sum};
use crate::store::{FrameSource, ReportFilter};

const PATH: &str = "/dashboard/tags";

/// A range of days; the default is the current week.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&session.zone);
    let range = take_range(&mut parameters, today)?;
    parameters.reject_unknown()?;
    let filter = ReportFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        periods: range.periods(&session.zone, &[]).map_err(invalid)?,
        levels: vec![Level::Project, Level::Tag],
    };
    let sum = dashboard.store.report(session.user(), &filter).await?;
    let content = content(range, today, &sum);
    Ok(session.page("Projects and tags", Tab::Tags, content))
}

fn content(range: DayRange, today: Date, sum: &Sum) -> Markup {
    let by_tag = sum.without_outer_level();
    let (from, to) = (range.from.to_string(), range.to.to_string());
    let link = |kind: &str, name: &str| {
        let address = frames_url(&[(kind, name), ("from", &from), ("to", &to)]);
        html! { a href=(address) { (name_markup(name)) } }
    };
    let projects: Vec<Bar> = sum
        .longest_first()
        .into_iter()
        .map(|(key, within)| Bar {
            note: breakdown(within),
            ..Bar::new(
                link("project", key.name.as_deref().unwrap_or_default()),
                within.microseconds,
            )
        })
        .collect();
    let tags: Vec<Bar> = by_tag
        .longest_first()
        .into_iter()
        .map(|(key, within)| {
            let name = match &key.name {
                Some(tag) => link("tag", tag),
                None => html! { em { "No tags" } },
            };
            Bar::new(name, within.microseconds)
        })
        .collect();
    html! {
        header.title {
            h1 { "Projects and tags" }
            (links(range, today, |range| format!("{PATH}?{}", range_query(range))))
        }
        (periods_form(range, PATH))
        p.figure { strong { (format_duration(sum.microseconds)) } ", " (range_title(range)) }
        @if sum.groups.is_empty() { p.empty { "Nothing tracked in this period." } }
        @else { div.columns {
            section.panel aria-labelledby="projects" {
                h2 id="projects" { "Projects" }
                (bar_table("Time per project", "Project", &projects, sum.microseconds))
            }
            section.panel aria-labelledby="tags" {
                h2 id="tags" { "Tags" }
                (bar_table("Time per tag", "Tag", &tags, sum.microseconds))
                p.hint { "Time with several tags counts for each, so shares can exceed 100 %." }
            }
        } }
    }
}
