//! `import` and `export`: Watson's own `frames` file, JSON Lines and CSV.

use serde_json::{Value, json};

use crate::support::{Crick, Database, Device, Engine, on_both_engines};

on_both_engines![
    a_watson_file_survives_import_and_export,
    importing_twice_changes_nothing,
    json_lines_survive_export_and_import,
    imported_frames_reach_every_device,
    an_invalid_file_is_refused_as_a_whole,
    an_invalid_frame_is_listed_and_the_others_are_stored,
    a_csv_file_is_imported_with_the_times_of_a_zone,
    a_user_without_frames_exports_an_empty_file,
];

/// A file as Watson writes it: start, stop, project, id, tags, updated_at; ids in 32 digits.
fn watson_file() -> Value {
    json!([
        [
            1_772_359_200,
            1_772_362_800,
            "apollo",
            "0123456789abcdef0123456789abcdef",
            ["nasa", "moon"],
            1_772_362_801
        ],
        [
            1_772_362_800,
            1_772_366_400,
            "été 🚀",
            "fedcba9876543210fedcba9876543210",
            [],
            1_772_366_401
        ],
        [
            -14_182_940,
            -14_182_000,
            "apollo",
            "00000000000040008000000000000001",
            ["nasa"],
            1_772_366_402
        ],
    ])
}

#[track_caller]
fn import(database: &Database, name: &str, text: &str) -> crate::support::Ran {
    let path = database.path(name);
    std::fs::write(&path, text).expect("a file to import");
    database.crick(&["import", "alice", path.to_str().expect("a UTF-8 path")])
}

fn with_alice(engine: Engine) -> Database {
    let database = engine.migrated();
    database.add_user("alice");
    database
}

/// The rows without `updated_at`, sorted by id.
fn rows(text: &str) -> Vec<Value> {
    let file: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {text}"));
    let mut rows = file.as_array().expect("a list").clone();
    for row in &mut rows {
        let row = row.as_array_mut().expect("a row");
        assert_eq!(row.len(), 6, "{row:?}");
        assert!(row[5].is_i64(), "{row:?}");
        row[5] = Value::Null;
    }
    rows.sort_by_key(|row| row[3].as_str().expect("an id").to_owned());
    rows
}

fn a_watson_file_survives_import_and_export(engine: Engine) {
    let database = with_alice(engine);
    let file = watson_file().to_string();
    import(&database, "frames", &file).succeeded();
    let exported = database.crick(&["export", "alice"]).succeeded().stdout;
    assert_eq!(rows(&exported), rows(&file));
    let output = database.path("exported");
    let to_file = [
        "export",
        "alice",
        "--output",
        output.to_str().expect("a UTF-8 path"),
    ];
    database.crick(&to_file).succeeded();
    assert_eq!(
        std::fs::read_to_string(&output).expect("the exported file"),
        exported
    );
}

fn importing_twice_changes_nothing(engine: Engine) {
    let crick = Crick::start(engine);
    let file = watson_file().to_string();
    import(&crick.database, "frames", &file).succeeded();
    let mut laptop = Device::new(crick.device("laptop"));
    assert_eq!(laptop.sync().received.len(), 3);
    let exported = crick
        .database
        .crick(&["export", "alice"])
        .succeeded()
        .stdout;
    import(&crick.database, "frames", &file).succeeded();
    import(&crick.database, "exported", &exported).succeeded();
    assert_eq!(
        crick
            .database
            .crick(&["export", "alice"])
            .succeeded()
            .stdout,
        exported
    );
    assert_eq!(laptop.sync().received.len(), 0, "nothing to send again");
}

fn json_lines_survive_export_and_import(engine: Engine) {
    let database = with_alice(engine);
    import(&database, "frames", &watson_file().to_string()).succeeded();
    let export = ["export", "alice", "--format", "jsonl"];
    let lines = database.crick(&export).succeeded().stdout;
    assert_eq!(lines.lines().count(), 3);
    for line in lines.lines() {
        let frame: Value = serde_json::from_str(line).expect("a line of JSON");
        for key in ["id", "start_at", "end_at", "project", "tags"] {
            assert!(!frame[key].is_null(), "no {key} in {line}");
        }
    }
    let other = with_alice(engine);
    import(&other, "lines", &lines).succeeded();
    assert_eq!(other.crick(&export).succeeded().stdout, lines);
}

fn imported_frames_reach_every_device(engine: Engine) {
    let crick = Crick::start(engine);
    let mut laptop = Device::new(crick.device("laptop"));
    laptop.add("mercury");
    laptop.sync();
    import(&crick.database, "frames", &watson_file().to_string()).succeeded();
    assert_eq!(laptop.sync().received.len(), 3);
    assert_eq!(Device::new(crick.device("phone")).sync().received.len(), 4);
}

fn an_invalid_file_is_refused_as_a_whole(engine: Engine) {
    let database = with_alice(engine);
    for text in [
        "nonsense",
        "{}",
        "[[]]",
        "[1]",
        "[[1,2,",
        "start,end\n",
        "{\n}",
    ] {
        import(&database, "frames", text).failed();
        let exported = database.crick(&["export", "alice"]).succeeded().stdout;
        assert_eq!(rows(&exported), Vec::<Value>::new(), "after {text}");
    }
    let path = database.path("latin");
    std::fs::write(&path, b"[[1,2,\"\xe9\"]]").expect("a file");
    let latin = database.crick(&["import", "alice", path.to_str().expect("UTF-8")]);
    assert!(latin.failed().stderr.contains("not UTF-8"));
    database
        .crick(&["import", "alice", "/nonexistent/frames"])
        .failed();
    database.crick(&["import", "nobody", "/dev/null"]).failed();
}

/// One frame ends before it starts, one has no project, and one has no valid id.
fn an_invalid_frame_is_listed_and_the_others_are_stored(engine: Engine) {
    let hour = r#"[1700000000,1700003600,"a","11111111111141118111111111111111",[],1]"#;
    let backwards = r#"[1700010000,1700006400,"b","22222222222242228222222222222222",[],1]"#;
    let nameless = r#"[1700010000,1700013600,"","33333333333343338333333333333333",[],1]"#;
    let nil = r#"[1700010000,1700013600,"d","00000000000000000000000000000000",[],1]"#;
    let database = with_alice(engine);
    let half = r#"[1,2,"\ud800","44444444444444448444444444444444",[],1]"#;
    let file = format!("\u{feff}[{hour},{nil},{backwards},7,{nameless},{half}]");
    let ran = import(&database, "frames", &file).failed();
    for words in [
        "3 of 3 frames were new or different",
        "line 2: its id is missing or nil",
        "line 4: ",
        "line 6: it is not a frame: it is not valid JSON",
        "3 frames are invalid",
    ] {
        assert!(ran.stderr.contains(words), "no {words}: {ran:?}");
    }
    let exported = database.crick(&["export", "alice"]).succeeded().stdout;
    let expected = format!("[{hour},{backwards},{nameless}]");
    assert_eq!(rows(&exported), rows(&expected));

    let lines = database.crick(&["export", "alice", "--format", "jsonl"]);
    let lines = lines.succeeded().stdout;
    let other = with_alice(engine);
    let file = format!("\u{feff}{lines}{{\"id\":1}}\n");
    let ran = import(&other, "lines", &file).failed();
    assert!(ran.stderr.contains("line 4: "), "{ran:?}");
    let exported = other.crick(&["export", "alice"]).succeeded().stdout;
    assert_eq!(rows(&exported), rows(&expected));
}

fn a_csv_file_is_imported_with_the_times_of_a_zone(engine: Engine) {
    let database = with_alice(engine);
    let path = database.path("table.csv");
    let table = "\u{feff}project,start,end\napollo,2026-07-01 09:00,2026-07-01 10:00\n";
    std::fs::write(&path, table).expect("a file");
    let path = path.to_str().expect("UTF-8");
    let import = ["import", "alice", path, "--tz", "Europe/Paris"];
    database.crick(&import).succeeded();
    let exported = database.crick(&["export", "alice"]).succeeded().stdout;
    let frame = &rows(&exported)[0];
    assert_eq!(
        (&frame[0], &frame[2]),
        (&json!(1_782_889_200), &json!("apollo"))
    );
    let as_csv = [&import[..], &["--format", "csv"]].concat();
    let again = database.crick(&as_csv).succeeded();
    assert!(again.stderr.contains("0 of 1"), "{again:?}");
    let as_lines = [&import[..], &["--format", "jsonl"]].concat();
    database.crick(&as_lines).failed();
    let mars = ["import", "alice", path, "--tz", "Mars"];
    let ran = database.crick(&mars).failed();
    let words = "crick-api-server: --tz must be a time zone like Europe/Paris\n";
    assert_eq!(ran.stderr, words);
}

fn a_user_without_frames_exports_an_empty_file(engine: Engine) {
    let database = with_alice(engine);
    let exported = database.crick(&["export", "alice"]).succeeded().stdout;
    assert_eq!(rows(&exported), Vec::<Value>::new());
    let lines = database
        .crick(&["export", "alice", "--format", "jsonl"])
        .succeeded()
        .stdout;
    assert_eq!(lines, "");
    // As Watson writes a file without frames.
    let ran = import(&database, "frames", "").succeeded();
    assert!(ran.stderr.contains("0 of 0 frames"), "{ran:?}");
    database.crick(&["export", "nobody"]).failed();
}
