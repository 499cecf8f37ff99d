//! `/dashboard/year`: the time of a year.

use axum::extract::State;
use axum::response::Html;
use jiff::civil::{Date, date};
use maud::{Markup, html};

use super::Dashboard;
use super::chart::{Bar, Year, bar_table};
use super::duration::{format_duration, tracked};
use super::frames::frames_url;
use super::page::Tab;
use super::parameters::{Parameters, invalid, query};
use super::range::{links, range_query, range_title, take_year, today};
use super::session::Session;
use crate::http::HttpError;
use crate::model::{DayRange, Level, Unit};
use crate::store::{FrameSource, ReportFilter};

/// The current year, or `?year=2026`.
pub(super) async fn show(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let today = today(&session.zone);
    let range = take_year(&mut parameters, today)?;
    parameters.reject_unknown()?;
    let filter = ReportFilter {
        source: FrameSource::Own(Vec::new()),
        tags: Vec::new(),
        periods: range
            .periods(&session.zone, &[Unit::Day])
            .map_err(invalid)?,
        levels: vec![Level::Time(Unit::Day)],
    };
    let sum = dashboard.store.report(session.user(), &filter).await?;
    let year = Year::new(range.from.year(), &sum);
    let content = content(range, today, &year, sum.microseconds);
    Ok(session.page(&range_title(range), Tab::Year, content))
}

/// The URL of a year.
fn address(range: DayRange) -> String {
    let year = Unit::Year.period_name(range.from);
    format!("/dashboard/year?{}", query([("year", &*year)]))
}

/// The URL of a day's frames.
fn frames_of(day: Date) -> String {
    let day = day.to_string();
    frames_url(&[("from", &day), ("to", &day)])
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
                div { dt { "Average per day worked" } dd {
                    (format_duration(whole / year.days.len() as i128))
                } }
                div { dt { "Longest day" } dd {
                    a href=(frames_of(longest)) { (longest.strftime("%-d %B")) } ", "
                    (format_duration(time))
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
    bar_table("Hours per month", "Month", &rows, whole)
}
