//! A team's time by person and by project.

use jiff::civil::Date;
use maud::{Markup, html};

use crate::dashboard::chart::{Bar, bar_table, breakdown};
use crate::dashboard::duration::format_duration;
use crate::dashboard::range::{links, periods_form, range_query, range_title};
use crate::dashboard::teams::address;
use crate::model::{DayRange, Sum};
use crate::store::Team;

/// The report of a range, from a sum by person and project.
pub(super) fn report(team: &Team, range: DayRange, today: Date, sum: &Sum) -> Markup {
    let path = address(team.id);
    html! {
        (periods_form(range, &path))
        header.title {
            p.figure { strong { (format_duration(sum.microseconds)) } ", " (range_title(range)) }
            (links(range, today, |range| format!("{path}?{}", range_query(range))))
        }
        @if sum.groups.is_empty() { p.empty { "No shared time in this period." } }
        @else { div.columns {
            section.panel aria-labelledby="people" {
                h2 id="people" { "People" }
                @let caption = "Time per person, with their projects";
                (bar_table(caption, "Person", &rows(sum), sum.microseconds))
            }
            section.panel aria-labelledby="projects" {
                h2 id="projects" { "Projects" }
                @let rows = rows(&sum.without_outer_level());
                (bar_table("Time per project", "Project", &rows, sum.microseconds))
            }
        } }
    }
}

fn rows(sum: &Sum) -> Vec<Bar> {
    let groups = sum.longest_first().into_iter();
    groups
        .map(|(key, within)| Bar {
            note: breakdown(within),
            ..Bar::new(
                html! { (key.name.as_deref().unwrap_or_default()) },
                within.microseconds,
            )
        })
        .collect()
}
