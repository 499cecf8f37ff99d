//! `/dashboard/year`: the days of a year.

use axum::extract::State;
use axum::response::Html;
use jiff::civil::{Date, date};
use maud::{Markup, html};

use super::Dashboard;
use super::chart::{Bar, Year, bars};
use super::duration::{duration, tracked};
use super::frames;
use super::page::{Tab, page};
use super::parameters::{Parameters, invalid, query};
use super::range::{links, range_query, range_title, take_year, today};
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::model::{DayRange, Level, Unit};
use crate::store::{FrameSource, ReportFilter};

/// The year of today, or `?year=2026`.
pub(super) async fn year(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&visitor.zone);
    let range = take_year(&mut parameters, today)?;
    parameters.nothing_else()?;
    let filter = ReportFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        periods: range
            .periods(&visitor.zone, &[Unit::Day])
            .map_err(invalid)?,
        levels: vec![Level::Time(Unit::Day)],
    };
    let sum = dashboard.store.report(visitor.user(), &filter).await?;
    let year = Year::new(range.from.year(), &sum);
    let content = content(range, today, &year, sum.microseconds);
    Ok(page(
        Some(&visitor),
        &range_title(range),
        Some(Tab::Year),
        content,
    ))
}

/// Where a year is shown.
fn address(range: DayRange) -> String {
    let year = Unit::Year.period_name(range.from);
    format!("/dashboard/year?{}", query([("year", &*year)]))
}

/// Where the frames of a day are.
fn frames_of(day: Date) -> String {
    let day = day.to_string();
    frames::address(&[("from", &day), ("to", &day)])
}

fn content(range: DayRange, today: Date, year: &Year, whole: i128) -> Markup {
    html! {
        header.title {
            h1 { (range_title(range)) }
            (links(range, today, address))
        }
        (tracked(whole))
        @if let Some((longest, time)) = year.longest() {
            dl.facts {
                div { dt { "Days worked" } dd { (year.days.len()) } }
                div { dt { "Average per day worked" } dd { (duration(whole / year.days.len() as i128)) } }
                div { dt { "Longest day" } dd {
                    a href=(frames_of(longest)) { (longest.strftime("%-d %B")) } ", " (duration(time))
                } }
            }
        }
        section.panel aria-labelledby="days" {
            h2 id="days" { "Days" }
            (year.draw(frames_of))
        }
        section.panel aria-labelledby="months" {
            h2 id="months" { "Months" }
            (months(range, year, whole))
        }
    }
}

fn months(range: DayRange, year: &Year, whole: i128) -> Markup {
    let rows: Vec<Bar> = (1..)
        .zip(year.months())
        .map(|(month, time)| {
            let first = date(range.from.year(), month, 1);
            let address = format!(
                "/dashboard/tags?{}",
                range_query(DayRange::of(Unit::Month, first))
            );
            Bar::new(html! { a href=(address) { (first.strftime("%B")) } }, time)
        })
        .collect();
    bars("Hours per month", "Month", &rows, whole)
}
