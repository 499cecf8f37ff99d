//! Charts as inline SVG, drawn on the server from a `Sum`, without HTTP and SQL.
//!
//! A table with the same numbers makes each chart accessible. Colors are classes of `charts.css`,
//! because the `Content-Security-Policy` forbids inline styles. Horizontal lengths are percentages,
//! so that a chart fills its container while its text keeps its size.

mod axis;
mod bars;
mod heat;
mod series;
mod week;

pub(super) use bars::{Bar, bar_table, breakdown};
pub(super) use heat::Year;
pub(super) use series::{Series, swatch};
pub(super) use week::Week;

use maud::{Markup, html};

/// A box that scrolls if its content is wider. The keyboard can reach and scroll it.
pub(super) fn scroll_box(name: &str, content: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(name) { (content) } }
}

/// A coordinate with two decimals, always a finite number.
fn svg_length(length: f64) -> String {
    let finite = if length.is_finite() { length } else { 0.0 };
    format!("{finite:.2}")
}
