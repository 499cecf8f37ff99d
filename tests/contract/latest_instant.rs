//! The latest instant of a frame: what is later is refused by every way in, and what is taken is read by every way out.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    a_later_instant_is_refused_by_every_way_in,
    a_frame_that_ends_at_the_latest_instant_is_read_by_every_way_out,
];

const LATEST: &str = "9999-12-30T22:00:00Z";
const EARLIER: &str = "9999-12-30T20:00:00Z";

/// Ways to write the latest instant, and instants after it.
const AT_LATEST: [&str; 3] = [
    LATEST,
    "9999-12-30T22:00:00.000000999Z",
    "9999-12-31T12:00:00+14:00",
];
const LATER: [&str; 7] = [
    "9999-12-30T22:00:00.000001Z",
    "9999-12-30T22:00:00.999999999Z",
    "9999-12-30T22:00:01Z",
    "9999-12-31T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999-12:00",
    "9999-12-31T12:00:01+14:00",
];

fn import(api: &Api, media_type: &str, file: &str) -> Value {
    let headers = [("Content-Type", media_type)];
    let reply = api.request_with_body("POST", "/frames/import", &headers, file.as_bytes());
    reply.ok(200)
}

/// The only refusal of a report.
#[track_caller]
fn reason(report: &Value) -> String {
    assert_eq!(
        (&report["refused"], &report["taken"]),
        (&json!(1), &json!(0)),
        "{report}"
    );
    let reason = report["refusals"][0]["reason"].as_str();
    reason.expect("a reason").to_owned()
}

fn a_later_instant_is_refused_by_every_way_in(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for end in LATER {
        let frame = frame_of(EARLIER, end, "apollo", &[]);
        let id = Uuid::new_v4();
        let put = json!({"start_at": EARLIER, "end_at": end, "project": "apollo"});
        let pushed = alice.try_push(std::slice::from_ref(&frame)).ok(201);
        let csv = format!("start,end,project\n{EARLIER},{end},apollo\n");
        let reasons = [
            pushed["refusals"][0]["reason"]
                .as_str()
                .expect("a reason")
                .to_owned(),
            alice
                .send("PUT", &format!("/frames/{id}"), &put)
                .problem(422),
            reason(&import(&alice, "text/csv", &csv)),
            reason(&import(&alice, "application/jsonl", &frame.to_string())),
        ];
        for reason in reasons {
            assert!(reason.contains(LATEST), "{end}: {reason}");
        }
    }
    for seconds in [253_402_207_201_i64, 253_402_300_800, i64::MAX] {
        let row = json!([[
            1_772_359_200,
            seconds,
            "apollo",
            Uuid::new_v4().simple().to_string()
        ]]);
        let reason = reason(&import(&alice, "application/json", &row.to_string()));
        assert!(reason.contains(LATEST), "{seconds}: {reason}");
    }
    let csv = "start,end,project\n9999-12-30 20:00,9999-12-31 23:59,apollo\n";
    let reason = reason(&import(&alice, "text/csv", csv));
    assert!(reason.contains(LATEST), "{reason}");
    assert!(alice.pull_everything().is_empty());
}

fn a_frame_that_ends_at_the_latest_instant_is_read_by_every_way_out(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for end in AT_LATEST {
        let frame = frame_of(EARLIER, end, "apollo", &["moon"]);
        alice.push(&[frame]);
    }
    for frame in alice.pull_everything() {
        assert_eq!(frame["end_at"], LATEST);
    }
    let team = json!({"name": "crew", "projects": ["apollo"]});
    let team = alice.send("POST", "/teams", &team).ok(201)["id"].clone();
    let team = team.as_str().expect("an id");
    let project = alice.get("/projects").ok(200)["projects"][0]["id"].clone();
    let project = project.as_str().expect("an id");
    for zone in [
        "UTC",
        "Pacific/Kiritimati",
        "Etc/GMT%2B12",
        "Asia/Kathmandu",
    ] {
        let days = format!("from=9999-12-29&to=9999-12-31&tz={zone}");
        for path in [
            format!("/frames?{days}"),
            format!("/frames?teamId={team}&{days}"),
            format!("/frames.csv?{days}"),
            format!("/frames.jsonl?{days}"),
            format!("/frames.ics?{days}"),
        ] {
            let reply = alice.get(&path);
            assert_eq!(reply.status, 200, "{path}");
            let text = String::from_utf8_lossy(&reply.body);
            assert!(text.matches("apollo").count() >= 3, "{path}: {text}");
        }
        for unit in ["day", "week", "month", "year", "project", "tag"] {
            let report = alice.get(&format!("/reports/summary?group_by={unit}&{days}"));
            assert_eq!(report.ok(200)["seconds"], 3 * 7_200, "{zone} {unit}");
        }
        let workloads = alice.get(&format!("/projects/{project}/workloads?tz={zone}"));
        assert!(
            !workloads.ok(200)["workloads"]
                .as_array()
                .expect("days")
                .is_empty()
        );
    }
    assert_eq!(alice.get("/frames").ok(200)["meta"]["page"]["count"], 3);
    assert_eq!(alice.get("/users/me/export").status, 200);
    let exported = crick.database.crick(&["export", "alice"]).succeeded();
    assert_eq!(
        exported.stdout.matches("253402207200").count(),
        6,
        "ends, and last changes"
    );
}
