//! Values of a pushed frame that the first Crick stumbled over, beside those in `wire::frames_in` and `wire::refusals`.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Crick, Engine, frame, frame_of, on_both_engines};

on_both_engines![
    a_uuid_of_every_version_is_taken,
    an_id_cut_short_is_refused_in_a_push_and_in_an_address,
    of_two_frames_with_one_id_the_later_one_counts,
    an_instant_that_is_none_is_refused,
    an_instant_may_be_written_more_loosely_than_the_first_crick_took_it,
    an_instant_is_cut_to_the_microsecond_and_never_rounded_up,
    the_years_from_1900_to_9999_are_taken,
    text_that_is_no_unicode_is_refused,
    a_key_counts_in_lower_case_and_once,
];

fn a_uuid_of_every_version_is_taken(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut push = Vec::new();
    for version in "0123456789abcdef".chars() {
        let mut frame = frame();
        frame["id"] = json!(format!("12345678-9abc-{version}def-8123-456789abcdef"));
        push.push(frame);
    }
    alice.push(&push);
    for frame in &push {
        let id = frame["id"].as_str().expect("an id");
        let shown = alice.get(&format!("/frames/{id}")).ok(200);
        assert_eq!(shown["id"], id);
    }
}

fn an_id_cut_short_is_refused_in_a_push_and_in_an_address(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let whole = Uuid::new_v4().urn().to_string();
    // The first Crick panicked at 32 characters of this spelling.
    for length in [1, 9, 10, 31, 32, 33, 36, 44] {
        let cut = &whole[..length];
        let mut frame = frame();
        frame["id"] = json!(cut);
        assert_eq!(alice.try_push(&[frame]).ok(201)["refused"], 1);
        for path in ["frames", "projects", "teams"] {
            alice.get(&format!("/{path}/{cut}")).problem(400);
        }
        alice
            .get(&format!("/projects/{cut}/workloads"))
            .problem(400);
        alice.get(&format!("/frames?projectId={cut}")).problem(400);
    }
    alice.get(&format!("/frames/{whole}")).problem(404);
}

fn of_two_frames_with_one_id_the_later_one_counts(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (first, mut second) = (frame(), frame());
    second["id"] = first["id"].clone();
    second["project"] = json!("gemini");
    alice.push(&[first, second]);
    let frames = alice.pull_everything();
    assert_eq!((frames.len(), &frames[0]["project"]), (1, &json!("gemini")));
    let projects = alice.get("/projects").ok(200);
    assert_eq!(projects["projects"].as_array().map(Vec::len), Some(1));
}

fn an_instant_that_is_none_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for text in [
        "",
        "2026-03-01",
        "2026-03-01T10:00:00",
        "2026-03-01T24:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-03-01T10:00:00[Europe/Paris]",
        "2026-03-01T10:00:00Z ",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "1772359200",
        "noon",
    ] {
        for key in ["begin_at", "end_at"] {
            let mut frame = frame();
            frame[key] = json!(text);
            assert_eq!(alice.try_push(&[frame]).ok(201)["refused"], 1, "{text}");
        }
    }
    assert!(alice.pull_everything().is_empty());
}

fn an_instant_may_be_written_more_loosely_than_the_first_crick_took_it(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for (written, meant) in [
        ("2026-03-01 10:00:00Z", "2026-03-01T10:00:00Z"),
        ("2026-03-01t10:00:00z", "2026-03-01T10:00:00Z"),
        ("2026-03-01T10:00:00+0200", "2026-03-01T08:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
    ] {
        let frame = frame_of(written, written, "apollo", &[]);
        alice.push(std::slice::from_ref(&frame));
        let path = format!("/frames/{}", frame["id"].as_str().expect("an id"));
        assert_eq!(alice.get(&path).ok(200)["start_at"], meant, "{written}");
    }
}

fn an_instant_is_cut_to_the_microsecond_and_never_rounded_up(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let instant = "2026-03-01T10:00:00.999999999Z";
    alice.push(&[frame_of(instant, instant, "apollo", &[])]);
    let frame = &alice.pull_everything()[0];
    for key in ["begin_at", "start_at", "end_at"] {
        assert_eq!(frame[key], "2026-03-01T10:00:00.999999Z");
    }
}

fn the_years_from_1900_to_9999_are_taken(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (first, last) = ("1900-01-01T00:00:00Z", "9999-12-30T22:00:00Z");
    alice.push(&[frame_of(first, last, "apollo", &[])]);
    let frame = &alice.pull_everything()[0];
    assert_eq!(
        (&frame["start_at"], &frame["end_at"]),
        (&json!(first), &json!(last))
    );
    let before = frame_of("1899-12-31T23:59:59Z", last, "apollo", &[]);
    assert_eq!(alice.try_push(&[before]).ok(201)["refused"], 1);
}

fn text_that_is_no_unicode_is_refused(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let whole = json!([frame()]).to_string();
    let at = whole.find("apollo").expect("the project");
    for wrong in [&b"\xff"[..], b"\xc3"] {
        let body = [&whole.as_bytes()[..at], wrong, &whole.as_bytes()[at..]].concat();
        let reply = alice.request_with_body("POST", "/watson/frames/bulk", &[], &body);
        reply.problem(400);
    }
    let half = whole.replace("apollo", "\\ud800apollo");
    assert_eq!(alice.push_text(&half).ok(201)["refused"], 1);
    let good = whole.replace("apollo", "\\ud83d\\ude80");
    assert_eq!(alice.push_text(&good).status, 201);
    assert_eq!(alice.pull_everything()[0]["project"], "🚀");
}

fn a_key_counts_in_lower_case_and_once(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let mut shouted = frame();
    shouted["Tags"] = shouted["tags"].take();
    alice.push(&[shouted]);
    assert_eq!(alice.pull_everything()[0]["tags"], Value::Array(Vec::new()));
    let doubled = json!([frame()])
        .to_string()
        .replace("\"tags\"", "\"project\":\"gemini\",\"tags\"");
    assert_eq!(alice.push_text(&doubled).ok(201)["refused"], 1);
}
