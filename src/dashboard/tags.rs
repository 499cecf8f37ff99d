//! `/dashboard/tags`: projects and tags of any days.

use axum::extract::State;
use axum::response::Html;
use jiff::civil::Date;
use maud::{Markup, html};

use super::Dashboard;
use super::chart::{Bar, bars, parts};
use super::chosen_names::visible;
use super::duration::duration;
use super::frames;
use super::page::{Tab, page};
use super::parameters::{Parameters, invalid};
use super::range::{links, periods_form, range_query, range_title, take_range, today};
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::model::{DayRange, Level, Sum};
use crate::store::{FrameSource, ReportFilter};

const PATH: &str = "/dashboard/tags";

/// The week of today, or what `range` and `date`, or `from` and `to`, say.
pub(super) async fn tags(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&visitor.zone);
    let range = take_range(&mut parameters, today)?;
    parameters.nothing_else()?;
    let filter = ReportFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        periods: range.periods(&visitor.zone, &[]).map_err(invalid)?,
        levels: vec![Level::Project, Level::Tag],
    };
    let sum = dashboard.store.report(visitor.user(), &filter).await?;
    let content = content(range, today, &sum);
    Ok(page(
        Some(&visitor),
        "Projects and tags",
        Some(Tab::Tags),
        content,
    ))
}

fn content(range: DayRange, today: Date, sum: &Sum) -> Markup {
    let by_tag = sum.without_outer_level();
    let (from, to) = (range.from.to_string(), range.to.to_string());
    let link = |kind: &str, name: &str| {
        let address = frames::address(&[(kind, name), ("from", &from), ("to", &to)]);
        html! { a href=(address) { (visible(name)) } }
    };
    let projects: Vec<Bar> = sum
        .longest_first()
        .into_iter()
        .map(|(key, within)| Bar {
            note: parts(within),
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
        p.figure { strong { (duration(sum.microseconds)) } ", " (range_title(range)) }
        @if sum.groups.is_empty() { p.empty { "Nothing tracked in this period." } }
        @else { div.columns {
            section.panel aria-labelledby="projects" {
                h2 id="projects" { "Projects" }
                (bars("Time per project", "Project", &projects, sum.microseconds))
            }
            section.panel aria-labelledby="tags" {
                h2 id="tags" { "Tags" }
                (bars("Time per tag", "Tag", &tags, sum.microseconds))
                p.hint { "Time with several tags counts for each, so shares can exceed 100 %." }
            }
        } }
    }
}
