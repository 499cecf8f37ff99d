//! Cells of CSV files as users and spreadsheets write them.

use serde_json::json;

use super::{counts, import, send};
use crate::support::{Crick, Engine, frame_of, on_both_engines};

on_both_engines![
    tags_are_read_with_blanks_behind_their_commas,
    an_error_names_the_line_that_an_editor_shows,
    tags_that_begin_with_a_blank_or_a_byte_order_mark_are_kept,
];

fn tags_are_read_with_blanks_behind_their_commas(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let file = "start,end,project,tags\n\
                2026-03-01 09:00,2026-03-01 10:00,apollo,\"moon, landing, \"\"a, b\"\"\"\n";
    assert_eq!(import(&alice, "text/csv", file), [1, 0, 0, 0, 0]);
    let list = alice.get("/frames").ok(200);
    assert_eq!(
        list["frames"][0]["tags"],
        json!(["moon", "landing", "a, b"])
    );
}

fn an_error_names_the_line_that_an_editor_shows(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    for end in ["\n", "\r\n", "\r"] {
        let lines = [
            "start,end,project",
            "",
            "2026-03-01 09:00,2026-03-01 10:00,\"two",
            "lines\"",
            "",
            "noon,2026-03-01 10:00,apollo",
        ];
        let reply = send(&alice, "?dry_run=true", "text/csv", &lines.join(end));
        let report = reply.ok(200);
        assert_eq!(counts(&report), [1, 0, 0, 0, 1], "{end:?}");
        assert_eq!(report["refusals"][0]["line"], 6, "{end:?}");
    }
}

fn tags_that_begin_with_a_blank_or_a_byte_order_mark_are_kept(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let tags = [
        "\u{feff}moon",
        "say \"hi\"",
        " lead",
        "\u{feff}",
        "a",
        " ",
        "trail ",
    ];
    let at = "2026-03-01T10:00:00Z";
    alice.push(&[frame_of(at, at, "\u{feff}apollo", &tags)]);
    let file = alice.get("/frames.csv");
    assert_eq!(import(&bob, "text/csv", file.text()), [1, 0, 0, 0, 0]);
    let frames = |list: serde_json::Value| list["frames"].clone();
    let (hers, his) = (alice.get("/frames").ok(200), bob.get("/frames").ok(200));
    assert_eq!(frames(his), frames(hers));
    let found = bob.get("/frames?tag=%EF%BB%BFmoon").ok(200);
    assert_eq!(found["frames"].as_array().map(Vec::len), Some(1));
}
