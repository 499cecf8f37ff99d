//! Bodies that are no JSON, lines of files that are no frames, and headers that make no sense, refused in words for the client.

use serde_json::json;

use super::world::World;
use super::wrong_values::{TEXTS, address, check, operations, send};
use crate::support::{Engine, assert_plain, frame, on_both_engines};

on_both_engines![
    a_body_that_is_no_json_is_refused_in_plain_words,
    a_wrong_line_of_a_file_is_refused_in_plain_words,
    a_wrong_header_is_refused_in_plain_words,
];

fn a_body_that_is_no_json_is_refused_in_plain_words(engine: Engine) {
    let world = World::new(engine);
    let document = world.crick.stranger().get("/openapi.json").json();
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let bodies: [&[u8]; 19] = [
        b"",
        b" ",
        b"{",
        b"[",
        b"[}",
        b"[1,]",
        b"{\"name\"}",
        b"{\"name\": }",
        b"{name: 1}",
        b"{\"name\": \"\\ud800\"}",
        b"{\"name\": \"\\x\"}",
        b"{\"name\": \"\n\"}",
        b"{\"name\": 1e999}",
        b"{\"name\": \"x\"} x",
        b"\xff",
        b"{\"name\": \"\xff\"}",
        b"\"x\"",
        b"nonsense",
        deep.as_bytes(),
    ];
    for operation in operations(&document) {
        if operation.body.is_none() {
            continue;
        }
        let path = address(&world, &operation.path);
        let may_be_empty = operation.name == "teams_accept";
        for body in bodies {
            let of = format!("{} {:?}", operation.name, String::from_utf8_lossy(body));
            let reply = send(&world.alice, &operation, &path, body);
            // Of a file each bad line is refused by itself, and of most of these there is none.
            let is_taken =
                operation.name == "frames_import_frames" || may_be_empty && body.is_empty();
            check(&reply, !is_taken, &of);
        }
    }
}

fn a_wrong_line_of_a_file_is_refused_in_plain_words(engine: Engine) {
    let world = World::new(engine);
    let good = frame();
    let csv = "start,end,project,tags,id\n";
    let mut files: Vec<(&str, String)> = vec![
        ("text/csv", String::new()),
        ("text/csv", "a,b\n1,2\n".to_owned()),
        ("text/csv", format!("{csv}\"open")),
        (
            "text/csv",
            format!("{csv}1,2\n1,2,3,4,5,6\n,,,,\n\"a\"b,c,d,\"\"\"x\",e\n"),
        ),
        ("application/json", "{}".to_owned()),
        ("application/json", "[1".to_owned()),
        ("application/jsonl", "x\ny\n".to_owned()),
    ];
    for text in TEXTS
        .map(|text| json!(text))
        .into_iter()
        .chain([json!(1e300), json!([[]])])
    {
        let cell = text.as_str().unwrap_or("x").replace('\0', "\u{1}");
        for at in 0..5 {
            let mut cells = ["2026-03-01 09:00", "2026-03-01 10:00", "apollo", "x", ""];
            cells[at] = &cell;
            let cells = cells.map(|cell| format!("\"{cell}\""));
            files.push(("text/csv", format!("{csv}{}\n", cells.join(","))));
        }
        for at in 0..7 {
            let mut row = json!([1_700_000_000, 1_700_003_600, "apollo", good["id"], [], 1, 1]);
            row[at] = text.clone();
            files.push(("application/json", json!([row, [], {}, null]).to_string()));
        }
        for key in ["id", "start_at", "end_at", "project", "tags"] {
            let mut line = good.clone();
            line["start_at"] = line["begin_at"].take();
            line[key] = text.clone();
            files.push(("application/jsonl", format!("{line}\n[]\n{{}}\n{{\n")));
        }
    }
    let mut refused = 0;
    for (media_type, file) in files {
        let headers = [("Content-Type", media_type)];
        let import = "/frames/import?dry_run=true";
        let reply = world
            .alice
            .request_with_body("POST", import, &headers, file.as_bytes());
        let of = format!("{media_type} {file:?}");
        check(&reply, false, &of);
        if reply.status == 200 {
            for refusal in reply.json()["refusals"].as_array().expect("a list") {
                assert_plain(refusal["reason"].as_str().expect("a reason"), &of);
                refused += 1;
            }
        }
    }
    assert!(refused > 300, "{refused}");
}

fn a_wrong_header_is_refused_in_plain_words(engine: Engine) {
    let world = World::new(engine);
    for (path, header) in [
        ("/frames", ("Accept", "image/png")),
        ("/frames", ("Accept", "text/csv;q=x, ;, */")),
        ("/frames", ("Authorization", "Basic YTpi")),
        ("/frames", ("Authorization", "Bearer a.b.c")),
        ("/frames/import", ("Content-Type", "text/plain")),
        ("/frames/import", ("Content-Type", ";")),
        ("/frames/import", ("Content-Encoding", "gzip")),
        ("/teams", ("Content-Encoding", "br")),
    ] {
        let method = if path == "/frames" { "GET" } else { "POST" };
        let who = match header.0 {
            "Authorization" => world.crick.stranger(),
            _ => world.alice.clone(),
        };
        let reply = match method {
            "GET" => who.request(method, path, &[header]),
            _ => who.request_with_body(method, path, &[header], b"{}"),
        };
        let is_lenient = header.1.contains("q=x");
        check(&reply, !is_lenient, &format!("{path} {header:?}"));
    }
}
