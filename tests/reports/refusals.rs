//! What cannot be asked for: 400 when it is badly written, 422 when it makes no sense.

use crate::support::{Crick, Engine, on_both_engines};

on_both_engines![what_is_badly_written_is_400_and_what_makes_no_sense_422];

fn what_is_badly_written_is_400_and_what_makes_no_sense_422(engine: Engine) {
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
