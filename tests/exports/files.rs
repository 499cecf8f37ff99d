//! Frames as files, selected by `Accept` or by a suffix.

use serde_json::{Value, json};

use super::{lines, team};
use crate::support::{Api, Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    the_format_is_what_the_client_accepts_and_json_by_default,
    a_suffix_decides_the_format_whatever_is_accepted,
    csv_is_a_table_with_instants_in_the_zone_and_no_formulas,
    a_file_contains_all_matching_frames_or_a_page,
    a_teams_file_names_the_owners_of_frames,
    a_calendar_has_an_event_for_each_frame,
    an_unchanged_file_is_not_sent_again,
    an_invalid_query_is_refused_as_for_json,
];

/// Alice with three frames.
fn alice(crick: &Crick) -> Api {
    let alice = crick.person("alice");
    alice.push(&[
        frame_of(
            "2026-03-01T10:00:00Z",
            "2026-03-01T11:30:00Z",
            "apollo",
            &["moon", "a,b"],
        ),
        frame_of(
            "2026-03-02T10:00:00Z",
            "2026-03-02T10:00:00.5Z",
            "=cmd()",
            &[],
        ),
        frame_of(
            "2026-07-01T10:00:00Z",
            "2026-07-01T11:00:00Z",
            "gemini",
            &["moon"],
        ),
    ]);
    alice
}

fn the_format_is_what_the_client_accepts_and_json_by_default(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick);
    let asked = |accept| alice.request("GET", "/frames", &[("Accept", accept)]);
    for (accept, media_type) in [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        (
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "application/json",
        ),
        ("nonsense", "application/json"),
        ("text/csv", "text/csv; charset=utf-8; header=present"),
        (
            "application/json;q=0.2, text/csv;q=0.9",
            "text/csv; charset=utf-8; header=present",
        ),
        ("application/jsonl", "application/jsonl"),
        ("application/x-ndjson", "application/x-ndjson"),
        ("text/calendar, */*;q=0.1", "text/calendar; charset=utf-8"),
    ] {
        let reply = asked(accept);
        assert_eq!(reply.header("content-type"), media_type, "{accept}");
        assert_eq!(reply.status, 200, "{accept}");
    }
    assert_eq!(alice.get("/frames").ok(200)["meta"]["page"]["count"], 3);
    for accept in ["text/html", "image/png, text/csv;q=0"] {
        let detail = asked(accept).problem(406);
        assert!(detail.contains("text/calendar"), "{detail}");
    }
    for reply in [asked("*/*"), asked("text/csv"), asked("text/html")] {
        let mut varies = reply.headers.get_all("vary").iter();
        assert!(varies.any(|field| field == "accept"), "{reply:?}");
    }
}

fn a_suffix_decides_the_format_whatever_is_accepted(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick);
    for (suffix, media_type) in [
        ("csv", "text/csv"),
        ("jsonl", "application/jsonl"),
        ("ics", "text/calendar"),
    ] {
        let path = format!("/frames.{suffix}");
        let reply = alice.request("GET", &path, &[("Accept", "application/json")]);
        reply.text();
        assert!(
            reply.header("content-type").starts_with(media_type),
            "{reply:?}"
        );
        let name = format!("attachment; filename=\"frames.{suffix}\"");
        assert_eq!(reply.header("content-disposition"), name);
        let accepted = alice.request("GET", "/frames", &[("Accept", media_type)]);
        assert_eq!(accepted.body, reply.body);
    }
}

fn csv_is_a_table_with_instants_in_the_zone_and_no_formulas(engine: Engine) {
    let crick = Crick::start(engine);
    let reply = alice(&crick).get("/frames.csv?tz=Europe/Paris");
    let ids = |row: &str| row.split_once(',').expect("an id").1.to_owned();
    let rows: Vec<String> = reply.text().split_terminator("\r\n").map(ids).collect();
    assert_eq!(
        rows,
        [
            "start,end,seconds,project,tags",
            "2026-07-01T12:00:00+02:00,2026-07-01T13:00:00+02:00,3600,gemini,moon",
            "2026-03-02T11:00:00+01:00,2026-03-02T11:00:00.5+01:00,0.5,'=cmd(),",
            "2026-03-01T11:00:00+01:00,2026-03-01T12:30:00+01:00,5400,apollo,\"moon,\"\"a,b\"\"\"",
        ]
    );
}

/// The projects in a file of JSON lines.
#[track_caller]
fn projects(api: &Api, query: &str) -> Vec<String> {
    let reply = api.get(&format!("/frames.jsonl?{query}"));
    let line = |line| serde_json::from_str::<Value>(line).expect("JSON")["project"].clone();
    let projects = reply.text().lines().map(line);
    projects
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

fn a_file_contains_all_matching_frames_or_a_page(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick);
    assert_eq!(projects(&alice, ""), ["gemini", "=cmd()", "apollo"]);
    assert_eq!(projects(&alice, "tags=moon"), ["gemini", "apollo"]);
    assert_eq!(
        projects(&alice, "projects=apollo,gemini&to=2026-03-31"),
        ["apollo"]
    );
    assert_eq!(
        projects(&alice, "from=2026-03-02&to=2026-03-02"),
        ["=cmd()"]
    );
    assert_eq!(projects(&alice, "limit=2"), ["gemini", "=cmd()"]);
    assert_eq!(projects(&alice, "limit=2&page=2"), ["apollo"]);
    assert!(projects(&alice, "page=2").is_empty(), "pages are of 50");
    // More frames of equal starts than one statement reads, each once.
    let many = crick.person("bob");
    let frames: Vec<Value> = (0..2_500)
        .map(|at| {
            let minute = format!("2026-03-01T10:{:02}:00Z", at / 100);
            frame_of(&minute, &minute, &format!("p{at}"), &[])
        })
        .collect();
    many.push(&frames);
    let mut all = projects(&many, "");
    assert_eq!(all.len(), 2_500);
    let paged: Vec<String> = (1..=3)
        .flat_map(|page| projects(&many, &format!("limit=1000&page={page}")))
        .collect();
    assert_eq!(all, paged);
    assert_eq!(projects(&many, "limit=1700&page=1"), all[..1_700]);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 2_500, "each once");
}

fn a_teams_file_names_the_owners_of_frames(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (alice(&crick), crick.person("bob"));
    bob.push(&[frame_of(
        "2026-03-03T10:00:00Z",
        "2026-03-03T11:00:00Z",
        "apollo",
        &[],
    )]);
    let id = team(&alice, &bob);
    let csv = alice.get(&format!("/frames.csv?teamId={id}"));
    let members: Vec<&str> = csv
        .text()
        .lines()
        .map(|row| row.rsplit(',').next().expect("cells"))
        .collect();
    assert_eq!(members, ["member", "bob", "alice"]);
    let jsonl = bob.get(&format!("/frames.jsonl?teamId={id}"));
    assert!(
        jsonl.text().contains(r#""member":"alice""#),
        "{}",
        jsonl.text()
    );
    let ics = bob.get(&format!("/frames.ics?teamId={id}"));
    assert_eq!(
        lines(ics.text(), "SUMMARY:"),
        ["apollo (bob)", "apollo (alice)"]
    );
    assert_eq!(lines(ics.text(), "NAME:"), ["moon"]);
    let stranger = crick
        .person("carol")
        .get(&format!("/frames.csv?teamId={id}"));
    stranger.problem(404);
    assert!(!alice.get("/frames.csv").text().contains("member"));
}

fn a_calendar_has_an_event_for_each_frame(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick);
    let reply = alice.get("/frames.ics");
    let calendar = reply.text();
    assert!(
        calendar.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
            && calendar.ends_with("END:VCALENDAR\r\n")
    );
    assert_eq!(lines(calendar, "SUMMARY:"), ["gemini", "=cmd()", "apollo"]);
    assert_eq!(lines(calendar, "CATEGORIES:"), ["moon", "moon,a\\,b"]);
    assert_eq!(lines(calendar, "DTSTART:")[2], "20260301T100000Z");
    // The frame that ends within its second has none.
    assert_eq!(
        lines(calendar, "DTEND:"),
        ["20260701T110000Z", "20260301T113000Z"]
    );
    let id = alice.get("/frames").ok(200)["frames"][0]["id"].clone();
    assert!(lines(calendar, "UID:")[0].starts_with(id.as_str().expect("an id")));
}

fn an_unchanged_file_is_not_sent_again(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick);
    for path in ["/frames.csv", "/frames.jsonl", "/frames.ics"] {
        let tag = alice.get(path).header("etag").to_owned();
        let again = alice.request("GET", path, &[("If-None-Match", &tag)]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
}

fn an_invalid_query_is_refused_as_for_json(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = alice(&crick);
    for query in [
        "limit=0",
        "page=0",
        "tz=Mars",
        "from=x",
        "unknown=1",
        "limit=10001",
    ] {
        for path in ["/frames.csv", "/frames.jsonl", "/frames.ics"] {
            alice.get(&format!("{path}?{query}")).problem(400);
        }
    }
    alice.send("POST", "/frames.csv", &json!([])).problem(405);
}
