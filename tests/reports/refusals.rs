//! Rejected reports: 400 if a parameter is malformed, 422 if it is invalid.

use serde_json::json;

use crate::support::{Crick, Engine, frames, on_both_engines};

on_both_engines![
    malformed_parameters_are_400_and_invalid_ones_422,
    frames_of_centuries_are_not_cut_into_millions_of_parts,
];

fn malformed_parameters_are_400_and_invalid_ones_422(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for query in [
        "group_by=",
        "group_by=hour",
        "group_by=day,",
        "group_by=day,week,month,year",
        "group_by=Day",
        "from=2026-02-30",
        "from=20260201",
        "to=yesterday",
        "range=luna",
        "date=1",
        "teamId=1",
        "projects=",
        "tags=a,,b",
        "tags=%00",
        "unknown=1",
        "from=2026-01-01&from=2026-01-02",
    ] {
        let reply = alice.get(&format!("/reports/summary?{query}"));
        assert_eq!(reply.status, 400, "{query}");
        reply.problem(400);
    }
    for query in [
        "group_by=day,day",
        "group_by=tag,project,tag",
        "group_by=person",
        "tz=Europe/Atlantis",
        "from=2026-03-02&to=2026-03-01",
        "from=9999-01-01",
        "range=week&from=2026-03-01",
        "range=week&to=2026-03-01",
        "date=2026-03-01",
        "date=2026-03-01&from=2026-03-01&to=2026-03-01",
        "group_by=day&from=2020-01-01&to=2023-04-15",
        "group_by=week&from=0000-01-01&to=9999-12-31",
    ] {
        let reply = alice.get(&format!("/reports/summary?{query}"));
        assert_eq!(reply.status, 422, "{query}");
        reply.problem(422);
    }
    crick.stranger().get("/reports/summary").problem(401);
}

fn frames_of_centuries_are_not_cut_into_millions_of_parts(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut long = frames(200);
    for frame in &mut long {
        frame["begin_at"] = json!("1900-01-01T00:00:00Z");
        frame["end_at"] = json!("9999-01-01T00:00:00Z");
    }
    alice.push(&long);
    let days = "/reports/summary?group_by=day,tag&from=2020-01-01&to=2023-04-01";
    let detail = alice.get(days).problem(422);
    assert!(detail.contains("longer than a day"), "{detail}");
    let years = alice.get("/reports/summary?group_by=year&from=2020-01-01&to=2023-12-31");
    let seconds = years.ok(200)["seconds"].as_u64();
    assert_eq!(seconds, Some(200 * 1_461 * 86_400));
}
