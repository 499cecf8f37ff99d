//! Importing files: which frames are imported.

use serde_json::{Value, json};

use super::{counts, import, send};
use crate::support::{Api, Crick, Device, Engine, on_both_engines};

on_both_engines![
    watsons_own_file_is_imported,
    a_table_with_local_times_is_imported,
    json_lines_are_imported_with_and_without_ids,
    invalid_lines_are_refused_and_valid_ones_imported,
    a_file_of_another_format_is_400_and_nothing_is_imported,
    an_unknown_format_is_415,
    a_dry_run_reports_the_same_and_writes_nothing,
    imported_frames_reach_every_device,
    a_file_that_is_too_large_is_413,
];

/// A user's frames as (start, project, tags), oldest first.
#[track_caller]
fn frames(api: &Api) -> Vec<(String, String, Value)> {
    let page = api.get("/frames?limit=1000").ok(200);
    let frames = page["frames"].as_array().expect("frames").iter().rev();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    frames
        .map(|it| {
            (
                text(&it["start_at"]),
                text(&it["project"]),
                it["tags"].clone(),
            )
        })
        .collect()
}

fn watsons_own_file_is_imported(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let file = json!([
        [
            1_772_359_200,
            1_772_362_800,
            "apollo",
            "0123456789abcdef0123456789abcdef",
            ["nasa"],
            1_772_362_801
        ],
        [
            1_772_362_800,
            1_772_366_400,
            "été 🚀",
            "fedcba9876543210fedcba9876543210"
        ],
    ]);
    assert_eq!(
        import(&alice, "application/json", &file.to_string()),
        [2, 0, 0, 0, 0]
    );
    assert_eq!(
        frames(&alice),
        [
            (
                "2026-03-01T10:00:00Z".into(),
                "apollo".into(),
                json!(["nasa"])
            ),
            ("2026-03-01T11:00:00Z".into(), "été 🚀".into(), json!([])),
        ]
    );
}

fn a_table_with_local_times_is_imported(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let file = "\u{feff}Project,Start,End,Comment,Tags\r\n\
                apollo,2026-03-01 09:00,2026-03-01 10:30,x,\"nasa,\"\"a,b\"\"\"\r\n\
                gemini,2026-07-01T09:00:00Z,2026-07-01T09:30:00+00:00,,\r\n";
    let report = send(&alice, "?tz=Europe/Paris", "text/csv; charset=utf-8", file).ok(200);
    assert_eq!(counts(&report), [2, 0, 0, 0, 0]);
    assert_eq!(
        frames(&alice),
        [
            (
                "2026-03-01T08:00:00Z".into(),
                "apollo".into(),
                json!(["nasa", "a,b"])
            ),
            ("2026-07-01T09:00:00Z".into(), "gemini".into(), json!([])),
        ]
    );
}

fn json_lines_are_imported_with_and_without_ids(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let file = r#"{"start_at":"2026-03-01T09:00:00+01:00","end_at":"2026-03-01T10:00:00Z","project":"apollo"}

{"id":"0123456789abcdef0123456789abcdef","start_at":"2026-03-02T09:00:00Z","end_at":"2026-03-02T10:00:00Z","project":"gemini","tags":["x"],"member":"bob"}
{"id":null,"start_at":"2026-03-03T09:00:00Z","end_at":"2026-03-03T10:00:00Z","project":"gemini","tags":null}"#;
    assert_eq!(import(&alice, "application/jsonl", file), [3, 0, 0, 0, 0]);
    assert_eq!(
        import(&alice, "application/x-ndjson", file),
        [0, 0, 3, 0, 0]
    );
    let starts: Vec<String> = frames(&alice)
        .into_iter()
        .map(|(start, ..)| start)
        .collect();
    assert_eq!(
        starts,
        [
            "2026-03-01T08:00:00Z",
            "2026-03-02T09:00:00Z",
            "2026-03-03T09:00:00Z"
        ]
    );
}

fn invalid_lines_are_refused_and_valid_ones_imported(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let good = "2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,";
    let file = format!(
        "start,end,project,id\n{good}apollo,\n{good},0\n\
         0001-01-01T00:00:00Z,2026-03-01T10:00:00Z,early,\n\
         {good}\"two\nlines\",\nyesterday,today,x,\n{good}short\n{good}x,no-uuid\n{good}gemini,\n"
    );
    let report = send(&alice, "", "text/csv", &file).ok(200);
    assert_eq!(counts(&report), [3, 0, 0, 0, 5]);
    let refusals = report["refusals"].as_array().expect("a list");
    let lines: Vec<u64> = refusals
        .iter()
        .map(|it| it["line"].as_u64().expect("a line"))
        .collect();
    assert_eq!(lines, [3, 4, 7, 8, 9]);
    assert_eq!(
        refusals[1]["reason"],
        "it starts or ends before the year 1900"
    );
    assert_eq!(frames(&alice).len(), 3);

    let watson = json!([
        [0, 1, "a", "0123456789abcdef0123456789abcdef", []],
        [],
        7,
        [0, 1, "b"]
    ]);
    let report = send(&alice, "", "application/json", &watson.to_string()).ok(200);
    assert_eq!(counts(&report), [1, 0, 0, 0, 3]);
    assert_eq!(report["refusals"][0]["line"], 2);
    let many = send(&alice, "", "application/jsonl", &"{}\n".repeat(150)).ok(200);
    assert_eq!(
        (
            counts(&many)[4],
            many["refusals"].as_array().expect("a list").len()
        ),
        (150, 100)
    );
}

fn a_file_of_another_format_is_400_and_nothing_is_imported(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let row = "start,end,project\n2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,apollo\n";
    for (media_type, file) in [
        ("application/json", ""),
        ("application/json", "{}"),
        (
            "application/json",
            "[[1772359200, 1772362800, \"apollo\", \"0123456789abcdef0123456789abcdef\"],",
        ),
        ("application/json", row),
        ("text/csv", ""),
        ("text/csv", "a,b,c\n1,2,3\n"),
        // A quotation mark that is never closed would swallow all rows after it.
        (
            "text/csv",
            "start,end,project\n2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,\"apollo\n\
             2026-03-01T10:00:00Z,2026-03-01T11:00:00Z,apollo\n",
        ),
        ("application/jsonl", row),
    ] {
        send(&alice, "", media_type, file).problem(400);
    }
    let headers = [("Content-Type", "text/csv")];
    let latin = [
        row.as_bytes(),
        b"2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,\xe9t\xe9\n",
    ]
    .concat();
    alice
        .request_with_body("POST", "/frames/import", &headers, &latin)
        .problem(400);
    send(&alice, "?dry_run=perhaps", "text/csv", row).problem(400);
    send(&alice, "?tz=Mars", "text/csv", row).problem(400);
    send(&alice, "?dryrun=true", "text/csv", row).problem(400);
    assert!(frames(&alice).is_empty());
    assert_eq!(import(&alice, "application/jsonl", ""), [0; 5]);
    assert_eq!(import(&alice, "application/json", "[]"), [0; 5]);
    assert_eq!(import(&alice, "text/csv", "start,end,project\n"), [0; 5]);
}

fn an_unknown_format_is_415(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for media_type in [
        "text/plain",
        "text/calendar",
        "application/octet-stream",
        "nonsense",
        "",
    ] {
        send(&alice, "", media_type, "[]").problem(415);
    }
    alice
        .request_with_body("POST", "/frames/import", &[], b"[]")
        .problem(415);
    let gzip = [("Content-Type", "text/csv"), ("Content-Encoding", "gzip")];
    alice
        .request_with_body("POST", "/frames/import", &gzip, b"x")
        .problem(415);
}

fn a_dry_run_reports_the_same_and_writes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let file = "start,end,project\n2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,apollo\nx,y,z\n";
    let rehearsal = send(&alice, "?dry_run=true", "text/csv", file).ok(200);
    assert!(frames(&alice).is_empty());
    assert_eq!(alice.get("/projects").ok(200)["projects"], json!([]));
    assert_eq!(
        send(&alice, "?dry_run=false", "text/csv", file).ok(200),
        rehearsal
    );
    let again = send(&alice, "?dry_run=true", "text/csv", file).ok(200);
    assert_eq!(counts(&again), [0, 0, 1, 0, 1]);
}

fn imported_frames_reach_every_device(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut laptop = Device::new(crick.device("laptop"));
    laptop.sync();
    let file = "start,end,project\n2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,apollo\n";
    import(&alice, "text/csv", file);
    assert_eq!(laptop.sync().received.len(), 1);
    import(&alice, "text/csv", file);
    assert_eq!(laptop.sync().received.len(), 0, "nothing to send again");
}

fn a_file_that_is_too_large_is_413(engine: Engine) {
    let crick = Crick::start_with(
        engine,
        &["--body-limit", "1000", "--bulk-body-limit", "5000"],
    );
    let alice = crick.person("alice");
    let head = "start,end,project\n";
    let row = "2026-03-01T09:00:00Z,2026-03-01T10:00:00Z,apollo\n";
    import(&alice, "text/csv", &format!("{head}{}", row.repeat(50)));
    send(
        &alice,
        "",
        "text/csv",
        &format!("{head}{}", row.repeat(200)),
    )
    .problem(413);
}
