//! `/dashboard/frames`: all frames, or those of a project, of tags, of days.

mod download;
mod filter;
mod form;

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};

pub(super) use download::{calendar, csv, json_lines};

use super::Dashboard;
use super::frame_table::frame_table;
use super::page::{Tab, page};
use super::parameters::{Parameters, query};
use super::visitor::Visitor;
use crate::http::HttpError;
use crate::store::{FrameList, PulledFrame};
use filter::Filter;

const PATH: &str = "/dashboard/frames";
/// Frames on a page.
const PAGE: u64 = 50;

/// Where the frames are that some parameters ask for.
pub(super) fn address(parameters: &[(&str, &str)]) -> String {
    format!("{PATH}?{}", query(parameters.iter().copied()))
}

/// A page of frames.
pub(super) async fn frames(
    State(dashboard): State<Dashboard>,
    visitor: Visitor,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let filter = Filter::parse(&mut parameters)?;
    let number = filter::page(&mut parameters)?;
    parameters.nothing_else()?;
    let wanted = filter.frames(&visitor.zone, PAGE, number)?;
    let list = dashboard.store.list_frames(visitor.user(), &wanted).await?;
    let projects = dashboard.store.list_projects(visitor.user(), false).await?;
    let content = html! {
        header.title { h1 { "Frames" } }
        (form::form(&filter, &projects))
        (found(&filter, list, number, &visitor))
    };
    Ok(page(Some(&visitor), "Frames", Some(Tab::Frames), content))
}

fn found(filter: &Filter, list: FrameList, number: u64, visitor: &Visitor) -> Markup {
    let count = list.count.unsigned_abs();
    let pages = count.div_ceil(PAGE).max(1);
    let frames: Vec<PulledFrame> = list.frames.into_iter().map(|(_, frame)| frame).collect();
    html! {
        p.figure {
            strong { (count) } @if count == 1 { " frame" } @else { " frames" }
            @if pages > 1 { ", page " (number) " of " (pages) }
        }
        @if count > 0 { (download::links(filter)) }
        @if frames.is_empty() {
            p.empty {
                @if count > 0 { "This page does not exist. " a href=(filter.address(1)) { "Go to the first page" } }
                @else if filter.pairs().is_empty() { "No frames yet." }
                @else { "No frames match this filter." }
            }
        } @else {
            section.panel aria-label="Frames" { (frame_table(&frames, &visitor.zone)) }
        }
        @if pages > 1 { nav.range aria-label="Pages" {
            @if number > 1 { a rel="prev" href=(filter.address((number - 1).min(pages))) { "← Newer" } }
            @if number < pages { a rel="next" href=(filter.address(number + 1)) { "Older →" } }
        } }
    }
}
