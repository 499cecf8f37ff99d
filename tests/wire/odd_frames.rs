//! Frames that Watson creates by mistake and that are stored: they end before they start, or have
//! no project name.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Api, Crick, Device, Engine, FrameJson, frame_of, on_both_engines};

on_both_engines![
    odd_frames_are_stored_as_they_are_and_reach_every_device,
    odd_frames_count_as_zero_in_every_total,
    lists_and_files_contain_odd_frames_unchanged,
    an_odd_frame_belongs_to_the_day_of_its_start,
    put_refuses_an_odd_frame,
];

/// Blank names, the last one with every kind of white space.
const NO_NAMES: [&str; 3] = [
    "",
    " \t",
    "\u{b}\u{c}\r\n\u{85}\u{a0}\u{1680}\u{2000}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}",
];

/// An hour on apollo; one that ends before it starts, on apollo and within a day; and an hour
/// without a name.
fn history(nameless: &str) -> Vec<FrameJson> {
    vec![
        frame_of(
            "2026-03-01T10:00:00Z",
            "2026-03-01T11:00:00Z",
            "apollo",
            &["moon"],
        ),
        frame_of(
            "2026-03-01T15:00:00Z",
            "2026-03-01T14:00:00Z",
            "apollo",
            &["moon"],
        ),
        frame_of(
            "2026-03-01T17:00:00Z",
            "2026-03-01T18:00:00Z",
            nameless,
            &["moon"],
        ),
    ]
}

/// Start, end and project of each frame, in the order of their starts.
fn essence(frames: &[FrameJson]) -> Vec<(Timestamp, Timestamp, Value)> {
    let instant = |value: &Value| value.as_str().expect("a text").parse().expect("an instant");
    let essence = |it: &FrameJson| {
        (
            instant(&it["start_at"]),
            instant(&it["end_at"]),
            json!([it["project"], it["tags"]]),
        )
    };
    let mut all: Vec<_> = frames.iter().map(essence).collect();
    all.sort_by_key(|(start, ..)| *start);
    all
}

#[track_caller]
fn report(api: &Api, query: &str) -> Value {
    api.get(&format!("/reports/summary?{query}")).ok(200)
}

fn odd_frames_are_stored_as_they_are_and_reach_every_device(engine: Engine) {
    for nameless in NO_NAMES {
        let crick = Crick::start(engine);
        let laptop = crick.device("laptop");
        let history = history(nameless);
        let pushed = laptop.try_push(&history).ok(201);
        assert_eq!(pushed, json!({"received": 3, "written": 3}));
        assert_eq!(essence(&laptop.pull_everything()), essence(&history));
        let phone = crick.device("phone");
        let received = Device::new(phone).sync().received;
        assert_eq!(received.len(), 3, "{nameless:?}");
        let again = laptop.try_push(&history).ok(201);
        assert_eq!(again, json!({"received": 3, "written": 0}), "a repeat");
    }
}

fn odd_frames_count_as_zero_in_every_total(engine: Engine) {
    for nameless in NO_NAMES {
        let crick = Crick::start(engine);
        let alice = crick.person("alice");
        alice.push(&history(nameless));
        alice.push(&[
            frame_of(
                "2026-03-02T01:00:00Z",
                "2026-03-01T23:00:00Z",
                "apollo",
                &[],
            ),
            frame_of(
                "2026-03-09T10:00:00Z",
                "2026-03-01T09:00:00Z",
                "gemini",
                &[],
            ),
        ]);
        for levels in ["project", "day", "day,project,tag", "tag", "month,week"] {
            for days in [
                "from=2026-03-01&to=2026-03-01",
                "from=2026-01-01&to=2026-12-31",
            ] {
                let sum = report(&alice, &format!("{days}&group_by={levels}"));
                assert_eq!(sum["seconds"], 3_600, "{nameless:?} {levels}: {sum}");
                let groups = sum["groups"].as_array().expect("groups");
                assert_eq!(groups.len(), 1, "{nameless:?} {levels}: {sum}");
            }
        }
        let projects = alice.get("/projects").ok(200);
        for project in projects["projects"].as_array().expect("projects") {
            let id = project["id"].as_str().expect("an id");
            let days = alice.get(&format!("/projects/{id}/workloads")).ok(200);
            let count = days["workloads"].as_array().expect("days").len();
            let expected = usize::from(project["name"] == "apollo");
            assert_eq!(count, expected, "{project}");
        }
    }
}

fn lists_and_files_contain_odd_frames_unchanged(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let history = history("");
    alice.push(&history);
    let list = alice.get("/frames").ok(200);
    let list = list["frames"].as_array().expect("frames");
    assert_eq!(essence(list), essence(&history));

    let csv = alice.get("/frames.csv");
    let rows: Vec<&str> = csv.text().lines().skip(1).collect();
    for (row, rest) in rows.iter().zip([
        "2026-03-01T17:00:00+00:00,2026-03-01T18:00:00+00:00,0,,moon",
        "2026-03-01T15:00:00+00:00,2026-03-01T14:00:00+00:00,0,apollo,moon",
        "2026-03-01T10:00:00+00:00,2026-03-01T11:00:00+00:00,3600,apollo,moon",
    ]) {
        assert_eq!(row.split_once(',').expect("an id").1, rest);
    }

    let calendar = alice.get("/frames.ics");
    let events: Vec<&str> = calendar.text().split("BEGIN:VEVENT").skip(1).collect();
    assert_eq!(events.len(), 3);
    for (event, summary, has_end) in [
        (events[0], "SUMMARY:(no project)\r\n", false),
        (events[1], "SUMMARY:apollo\r\n", false),
        (events[2], "SUMMARY:apollo\r\n", true),
    ] {
        assert!(event.contains(summary), "{event}");
        // An event without an end ends when it starts.
        assert_eq!(event.contains("DTEND:"), has_end, "{event}");
    }

    for (login, path, media_type) in [
        ("bob", "/frames.csv", "text/csv"),
        ("carol", "/frames.jsonl", "application/jsonl"),
    ] {
        let other = crick.person(login);
        let headers = [("Content-Type", media_type)];
        let file = alice.get(path);
        let imported = other.request_with_body("POST", "/frames/import", &headers, &file.body);
        let imported = imported.ok(200);
        assert_eq!(
            (&imported["taken"], &imported["refused"]),
            (&json!(3), &json!(0))
        );
        assert_eq!(
            essence(&other.pull_everything()),
            essence(&history),
            "{path}"
        );
    }
}

fn an_odd_frame_belongs_to_the_day_of_its_start(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let backwards = frame_of(
        "2026-03-05T10:00:00Z",
        "2026-03-01T10:00:00Z",
        "apollo",
        &[],
    );
    alice.push(&[backwards]);
    for (from, to, count) in [
        ("2026-03-05", "2026-03-05", 1),
        ("2026-03-05", "2026-03-31", 1),
        ("2026-02-01", "2026-03-04", 0),
        ("2026-03-06", "2026-03-31", 0),
    ] {
        let list = alice.get(&format!("/frames?from={from}&to={to}")).ok(200);
        assert_eq!(list["meta"]["page"]["count"], count, "{from} to {to}");
    }
}

fn put_refuses_an_odd_frame(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let history = history(" ");
    for odd in &history[1..] {
        let path = format!("/frames/{}", odd["id"].as_str().expect("an id"));
        alice.send("PUT", &path, odd).problem(422);
    }
    assert!(alice.pull_everything().is_empty());
}
