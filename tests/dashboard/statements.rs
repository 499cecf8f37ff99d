//! The number of SQL statements of a page does not depend on the data.

use super::Browser;
use super::teams::team;
use crate::support::{Crick, Engine, announce, batch, on_both_engines};

on_both_engines![a_page_runs_a_constant_number_of_statements];

const PAGES: [&str; 5] = [
    "/?week=2026-W09",
    "/dashboard/year?year=2026",
    "/dashboard/tags?range=year&date=2026-03-01",
    "/dashboard/frames",
    "/dashboard/teams",
];

fn a_page_runs_a_constant_number_of_statements(engine: Engine) {
    let [one, many] = [1, 2_000].map(|frames| statements(engine, frames));
    announce(&format!(
        "SQL statements of pages on {}: {one:?}",
        engine.name()
    ));
    assert_eq!(one, many);
    // The session, and: report and latest frames; report; report; frames and projects; teams and
    // shares; the team, the membership, its report, the shares, the ownership and the invitations.
    assert_eq!(one, [3, 2, 2, 3, 3, 7]);
}

fn statements(engine: Engine, frames: usize) -> Vec<usize> {
    let mut crick = Crick::start_with(engine, &["--log", "info,sqlx=debug", "--drain-grace", "0"]);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    for part in 0..frames.min(40) {
        alice.push(&batch(&format!("apollo {part}"), frames.div_ceil(40)));
    }
    let team = team(&alice, &bob);
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    // Records the use of the session, which happens once a minute.
    browser.page("/dashboard/teams");
    for page in PAGES {
        browser.page(page);
    }
    browser.page(&format!(
        "/dashboard/teams/{team}?range=month&date=2026-03-01"
    ));
    let requests = crick.server.statements_by_request();
    requests[requests.len() - PAGES.len() - 1..].to_vec()
}
