//! Assigns colors to the projects of a chart.

use maud::{Markup, html};

use crate::model::Sum;

/// The maximum number of projects with their own color; more could not be distinguished.
const MOST: usize = 7;

/// A project with its own color, or all other projects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::dashboard) struct Series {
    /// `None` for all other projects.
    pub(in crate::dashboard) project: Option<String>,
    /// Microseconds in the whole chart.
    pub(in crate::dashboard) total: i128,
    /// The class of the color.
    pub(in crate::dashboard) class: String,
}

impl Series {
    /// The projects of a sum by time and project, longest first, then all others as one.
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
        // A single other project keeps its name.
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

    /// The label in legends and tables.
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

/// A small square in a color, to put before a name.
pub(in crate::dashboard) fn swatch(class: &str) -> Markup {
    html! {
        svg.swatch width="12" height="12" aria-hidden="true" {
            rect class=(class) width="12" height="12" rx="2" {}
        }
    }
}
