//! Which projects have a colour of their own in a chart.

use maud::{Markup, html};

use crate::model::Sum;

/// The most projects with a colour of their own: more colours are not told apart.
const MOST: usize = 7;

/// A project with a colour, or all that have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dashboard) struct Series {
    /// The project; none for all others.
    pub(in crate::dashboard) project: Option<String>,
    /// Microseconds in the whole chart.
    pub(in crate::dashboard) total: i128,
    /// The class that gives the colour.
    pub(in crate::dashboard) class: String,
}

impl Series {
    /// The projects of a sum by time and project: those with the most time, most first, then the others as one.
    pub(super) fn of(sum: &Sum) -> Vec<Self> {
        let mut series: Vec<Self> = sum
            .without_outer_level()
            .longest_first()
            .into_iter()
            .enumerate()
            .map(|(rank, (key, within))| Self {
                project: key.name.clone(),
                total: within.microseconds,
                class: class(rank),
            })
            .collect();
        // A group of one would hide a name for nothing.
        if series.len() > MOST + 1 {
            let others = series.split_off(MOST);
            series.push(Self {
                project: None,
                total: others.iter().map(|series| series.total).sum(),
                class: class(MOST),
            });
        }
        series
    }

    /// What it is called.
    pub(in crate::dashboard) fn name(&self) -> &str {
        self.project.as_deref().unwrap_or("All others")
    }
}

fn class(rank: usize) -> String {
    if rank < MOST {
        format!("series-{}", rank + 1)
    } else {
        "series-others".to_owned()
    }
}

/// A small square of a colour, as it stands beside a name.
pub(in crate::dashboard) fn swatch(class: &str) -> Markup {
    html! {
        svg.swatch width="12" height="12" aria-hidden="true" { rect class=(class) width="12" height="12" rx="2" {} }
    }
}
