//! The number of SQL statements of a report does not depend on its frames, periods and groups.

use crate::support::{Crick, Engine, announce, batch, on_both_engines};

use super::report;

on_both_engines![a_report_is_one_statement_besides_authentication];

fn a_report_is_one_statement_besides_authentication(engine: Engine) {
    let [one, many] = [1, 2_000].map(|frames| statements(engine, frames));
    announce(&format!(
        "SQL statements of reports on {}: {one:?}",
        engine.name()
    ));
    assert_eq!(one, many);
}

/// The statements of `/users/me` and of two reports.
fn statements(engine: Engine, frames: usize) -> Vec<usize> {
    let mut crick = Crick::start_with(engine, &["--log", "info,sqlx=debug", "--drain-grace", "0"]);
    let alice = crick.person("alice");
    alice.push(&batch("apollo", frames));
    alice.get("/users/me").ok(200);
    report(&alice, "from=2026-03-01&to=2026-03-01");
    report(
        &alice,
        "from=2025-01-01&to=2026-12-31&group_by=day,project,tag&tz=Europe/Paris",
    );
    let requests = crick.server.statements_by_request();
    let last = requests[requests.len() - 3..].to_vec();
    assert_eq!(last[1..], [last[0] + 1, last[0] + 1], "{requests:?}");
    last
}
