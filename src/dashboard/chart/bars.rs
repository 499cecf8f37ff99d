//! A table of times whose rows are bars, longest first.

use maud::{Markup, html};

use super::axis::part;
use super::svg_length;
use crate::dashboard::duration::{format_duration, percent};
use crate::model::Sum;

/// The number of rows that are visible before `details` is opened.
const MOST_SHOWN: usize = 20;
/// The maximum number of rows, to keep the page small. The rest is one sum.
const MOST: usize = 200;

/// A row.
#[derive(Debug)]
pub(in crate::dashboard) struct Bar {
    /// The name, as text or as a link.
    pub(in crate::dashboard) name: Markup,
    /// Microseconds.
    pub(in crate::dashboard) time: i128,
    /// The class of its color.
    pub(in crate::dashboard) class: String,
    /// More details.
    pub(in crate::dashboard) note: Option<Markup>,
}

impl Bar {
    /// A bar in the default color.
    pub(in crate::dashboard) fn new(name: Markup, time: i128) -> Self {
        Self {
            name,
            time,
            class: "series-1".to_owned(),
            note: None,
        }
    }
}

/// A table of bars, each proportional to the longest. Shares refer to `whole`, which is not the sum
/// of the bars if a frame with two tags counts for both.
pub(in crate::dashboard) fn bar_table(
    caption: &str,
    kind: &str,
    bars: &[Bar],
    whole: i128,
) -> Markup {
    let most = bars.iter().map(|bar| bar.time).max().unwrap_or(0);
    let (bars, left_out) = bars.split_at(bars.len().min(MOST));
    let (shown, rest) = bars.split_at(bars.len().min(MOST_SHOWN));
    html! {
        (table(caption, kind, shown, most, whole))
        @if !rest.is_empty() { details {
            summary { (rest.len()) " more" }
            (table(&format!("{caption}, continued"), kind, rest, most, whole))
            @if !left_out.is_empty() {
                @let time = left_out.iter().map(|bar| bar.time).sum();
                p.hint {
                    (left_out.len()) " more with less time, " (format_duration(time)) " in total. "
                    a href="/docs" { "The API" } " lists them all: "
                    code { "GET /reports/summary" } "."
                }
            }
        } }
    }
}

fn table(caption: &str, kind: &str, bars: &[Bar], most: i128, whole: i128) -> Markup {
    html! {
        // Some browsers drop the table semantics of rows with a grid layout, hence the roles.
        table.bars role="table" {
            caption.unseen { (caption) }
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { (kind) }
                th scope="col" role="columnheader" { "Time" }
                th scope="col" role="columnheader" { "Share" }
            } }
            tbody role="rowgroup" { @for bar in bars { tr role="row" {
                th scope="row" role="rowheader" {
                    span.name { (bar.name) }
                    @if let Some(note) = &bar.note { div.note { (note) } }
                    svg.bar width="100%" height="8" aria-hidden="true" {
                        rect class=(bar.class) width={ (svg_length(100.0 * part(bar.time, most))) "%" }
                            height="8" rx="2" {}
                    }
                }
                td role="cell" { (format_duration(bar.time)) }
                td role="cell" { (percent(bar.time, whole)) }
            } } }
        }
    }
}

/// The named groups of a row, longest first; `None` without any.
pub(in crate::dashboard) fn breakdown(sum: &Sum) -> Option<Markup> {
    let parts: Vec<(&str, i128)> = sum
        .longest_first()
        .into_iter()
        .filter_map(|(key, within)| Some((key.name.as_deref()?, within.microseconds)))
        .collect();
    (!parts.is_empty()).then(|| {
        html! { ul.tags { @for (name, time) in parts {
            li { span.tag { bdi { (name) } } " " span.time { (format_duration(time)) } }
        } } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_proportional_to_the_longest() {
        let text = bar_table("c", "k", &[bar(4), bar(1), bar(0)], 10).into_string();
        for width in ["100.00%", "25.00%", "0.00%"] {
            assert!(text.contains(&format!("width=\"{width}\"")), "{text}");
        }
        assert!(text.contains(">40 %</td>"), "{text}");
    }

    #[test]
    fn a_bar_of_no_time_has_no_width() {
        let text = bar_table("c", "k", &[bar(0)], 0).into_string();
        assert!(
            text.contains("width=\"0.00%\"") && text.contains("0 %"),
            "{text}"
        );
        assert!(!text.contains("NaN"), "{text}");
    }

    #[test]
    fn rows_after_the_first_twenty_are_collapsed() {
        let many: Vec<Bar> = (0..200).map(|at| bar(200 - at)).collect();
        let text = bar_table("c", "k", &many, 1).into_string();
        assert!(text.contains("<summary>180 more</summary>"), "{text}");
        assert_eq!(text.matches("<th scope=\"row\"").count(), 200);
        assert!(!text.contains("in total"), "{text}");
        // Collapsed bars have the same scale.
        assert_eq!(text.matches("width=\"100.00%\"").count(), 1);
    }

    #[test]
    fn rows_after_two_hundred_are_one_sum() {
        let many: Vec<Bar> = (0..5_000).map(|_| bar(1_000_000)).collect();
        let text = bar_table("c", "k", &many, 1).into_string();
        assert_eq!(text.matches("<th scope=\"row\"").count(), 200);
        let rest = "4800 more with less time, 1h 20m 00s in total.";
        assert!(text.contains(rest), "{text}");
    }

    #[test]
    fn a_name_cannot_be_markup() {
        let evil = "<script>alert(1)</script>";
        let text = bar_table(evil, evil, &[Bar::new(html! { (evil) }, 1)], 1).into_string();
        assert!(
            !text.contains("<script") && text.contains("&lt;script"),
            "{text}"
        );
    }

    fn bar(time: i128) -> Bar {
        Bar::new(html! { "x" }, time)
    }
}
