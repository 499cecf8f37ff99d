//! Charts: what was worked as inline SVG, drawn on the server from a sum of the model.
//!
//! Everything is a function of numbers, without HTTP and SQL. The table beside or behind each chart holds the same
//! numbers and is what somebody who does not see the chart reads. Colours are classes of `charts.css`, since the
//! `Content-Security-Policy` allows no style in the page. Lengths along the width are percents, so that a chart is as wide
//! as its place while its letters keep their size.

mod axis;
mod bars;
mod heat;
mod series;
mod week;

pub(super) use bars::{Bar, bars, parts};
pub(super) use heat::Year;
pub(super) use series::{Series, swatch};
pub(super) use week::Week;

use maud::{Markup, html};

/// A box that scrolls by itself when it is too narrow for what is in it; the keyboard can reach and scroll it.
pub(super) fn scrolling(name: &str, content: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(name) { (content) } }
}

/// A length or place in a drawing: a number with two decimals, and never anything else.
fn number(length: f64) -> String {
    let finite = if length.is_finite() { length } else { 0.0 };
    format!("{finite:.2}")
}
