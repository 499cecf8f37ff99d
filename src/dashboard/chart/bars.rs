//! Times side by side, longest first: a table whose rows are bars.

use maud::{Markup, html};

use super::axis::part;
use super::number;
use crate::dashboard::duration::{duration, percent};
use crate::model::Sum;

/// The most rows that are shown at once; the others wait until they are wanted.
const MOST_SHOWN: usize = 20;
/// The most rows of a table. Of what goes beyond there is one sum: nobody reads thousands of rows, and a page stays small.
const MOST: usize = 200;

/// A row.
#[derive(Debug)]
pub(in crate::dashboard) struct Bar {
    /// Its name, as text or as a link.
    pub(in crate::dashboard) name: Markup,
    /// Microseconds.
    pub(in crate::dashboard) time: i128,
    /// The class that gives its colour.
    pub(in crate::dashboard) class: String,
    /// What else there is to say.
    pub(in crate::dashboard) note: Option<Markup>,
}

impl Bar {
    /// A bar of the usual colour.
    pub(in crate::dashboard) fn new(name: Markup, time: i128) -> Self {
        Self {
            name,
            time,
            class: "series-1".to_owned(),
            note: None,
        }
    }
}

/// A table of bars. Each is as long as its time is in proportion to the longest; the share is that of the `whole`, which
/// need not be the sum of the bars, since a frame with two tags counts for both.
pub(in crate::dashboard) fn bars(caption: &str, kind: &str, bars: &[Bar], whole: i128) -> Markup {
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
                    (left_out.len()) " more with less time, " (duration(time)) " in total. "
                    a href="/docs" { "The API" } " lists them all: " code { "GET /reports/summary" } "."
                }
            }
        } }
    }
}

fn table(caption: &str, kind: &str, bars: &[Bar], most: i128, whole: i128) -> Markup {
    html! {
        // Rows are laid out as grids, with which some browsers forget what a row is: hence the roles.
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
                        rect class=(bar.class) width={ (number(100.0 * part(bar.time, most))) "%" } height="8" rx="2" {}
                    }
                }
                td role="cell" { (duration(bar.time)) }
                td role="cell" { (percent(bar.time, whole)) }
            } } }
        }
    }
}

/// What a row consists of, the longest first, as small texts; none when it consists of nothing that has a name.
pub(in crate::dashboard) fn parts(sum: &Sum) -> Option<Markup> {
    let parts: Vec<(&str, i128)> = sum
        .longest_first()
        .into_iter()
        .filter_map(|(key, within)| Some((key.name.as_deref()?, within.microseconds)))
        .collect();
    (!parts.is_empty()).then(|| {
        html! { ul.tags { @for (name, time) in parts {
            li { span.tag { bdi { (name) } } " " span.time { (duration(time)) } }
        } } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_the_whole_width_and_the_others_are_in_proportion() {
        let text = bars("c", "k", &[bar(4), bar(1), bar(0)], 10).into_string();
        for width in ["100.00%", "25.00%", "0.00%"] {
            assert!(text.contains(&format!("width=\"{width}\"")), "{text}");
        }
        assert!(text.contains(">40 %</td>"), "{text}");
    }

    #[test]
    fn nothing_is_no_bar_at_all() {
        let text = bars("c", "k", &[bar(0)], 0).into_string();
        assert!(
            text.contains("width=\"0.00%\"") && text.contains("0 %"),
            "{text}"
        );
        assert!(!text.contains("NaN"), "{text}");
    }

    #[test]
    fn many_rows_wait_behind_the_first_and_all_are_there() {
        let many: Vec<Bar> = (0..200).map(|at| bar(200 - at)).collect();
        let text = bars("c", "k", &many, 1).into_string();
        assert!(text.contains("<summary>180 more</summary>"), "{text}");
        assert_eq!(text.matches("<th scope=\"row\"").count(), 200);
        assert!(!text.contains("in total"), "{text}");
        // The longest of the others is not as long as the longest.
        assert_eq!(text.matches("width=\"100.00%\"").count(), 1);
    }

    #[test]
    fn of_thousands_of_rows_there_are_two_hundred_and_the_sum_of_the_rest() {
        let many: Vec<Bar> = (0..5_000).map(|_| bar(1_000_000)).collect();
        let text = bars("c", "k", &many, 1).into_string();
        assert_eq!(text.matches("<th scope=\"row\"").count(), 200);
        let rest = "4800 more with less time, 1h 20m 00s in total.";
        assert!(text.contains(rest), "{text}");
    }

    #[test]
    fn a_name_cannot_be_markup() {
        let evil = "<script>alert(1)</script>";
        let text = bars(evil, evil, &[Bar::new(html! { (evil) }, 1)], 1).into_string();
        assert!(
            !text.contains("<script") && text.contains("&lt;script"),
            "{text}"
        );
    }

    fn bar(time: i128) -> Bar {
        Bar::new(html! { "x" }, time)
    }
}
