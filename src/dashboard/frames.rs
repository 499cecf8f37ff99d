//! `/dashboard/frames`: the list of frames, with a filter.

mod download;
mod filter;
mod form;
mod table;
mod url;

use axum::extract::State;
use axum::response::Html;
use maud::{Markup, html};

pub(super) use download::{calendar, csv, json_lines};
pub(super) use table::frame_table;
pub(super) use url::frames_url;

use super::Dashboard;
use super::page::Tab;
use super::parameters::Parameters;
use super::session::Session;
use crate::http::HttpError;
use crate::store::{FrameList, PulledFrame};
use filter::Filter;

/// Frames on a page.
const PAGE: u64 = 50;

/// A page of frames.
pub(super) async fn list(
    State(dashboard): State<Dashboard>,
    session: Session,
    mut parameters: Parameters,
) -> Result<Html<String>, HttpError> {
    let filter = Filter::parse(&mut parameters)?;
    let number = filter::page(&mut parameters)?;
    parameters.reject_unknown()?;
    let wanted = filter.frames(&session.zone, PAGE, number)?;
    let list = dashboard.store.list_frames(session.user(), &wanted).await?;
    let projects = dashboard.store.list_projects(session.user(), false).await?;
    let content = html! {
        header.title { h1 { "Frames" } }
        (form::form(&filter, &projects))
        (results(&filter, list, number, &session))
    };
    Ok(session.page("Frames", Tab::Frames, content))
}

fn results(filter: &Filter, list: FrameList, number: u64, session: &Session) -> Markup {
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
                @if count > 0 {
                    "This page does not exist. "
                    a href=(filter.address(1)) { "Go to the first page" }
                }
                @else if filter.pairs().is_empty() { "No frames yet." }
                @else { "No frames match this filter." }
            }
        } @else {
            section.panel aria-label="Frames" { (frame_table(&frames, &session.zone)) }
        }
        @if pages > 1 { nav.range aria-label="Pages" {
            @if number > 1 {
                a rel="prev" href=(filter.address((number - 1).min(pages))) { "← Newer" }
            }
            @if number < pages { a rel="next" href=(filter.address(number + 1)) { "Older →" } }
        } }
    }
}
