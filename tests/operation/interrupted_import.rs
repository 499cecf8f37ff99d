//! An interrupted import keeps the stored frames, reports them, and can be repeated.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::support::{Database, Engine, on_both_engines, run, server_command};

on_both_engines![an_interrupted_import_keeps_its_frames_and_continues_when_repeated];

/// Several chunks.
const FRAMES: i64 = 40_000;

const COUNT: &str = "SELECT count(*) FROM frames";

/// A database with a user, and a Watson file for them.
fn with_file(engine: Engine) -> (Database, String) {
    let database = engine.migrated();
    database.add_user("alice");
    let frame = |at: i64| {
        let (start, id) = (1_700_000_000 + at * 60, Uuid::new_v4().simple());
        format!("[{start},{},\"apollo\",\"{id}\",[],1]", start + 60)
    };
    let rows: Vec<String> = (0..FRAMES).map(frame).collect();
    let path = database.path("frames");
    std::fs::write(&path, format!("[{}]", rows.join(","))).expect("a file");
    let path = path.to_str().expect("UTF-8").to_owned();
    (database, path)
}

#[track_caller]
fn wait_for_frames(database: &Database, import: &mut Child) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while database.number(COUNT) == 0 {
        assert!(Instant::now() < deadline, "nothing was stored");
        assert!(import.try_wait().expect("a child").is_none(), "it ended");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn an_interrupted_import_keeps_its_frames_and_continues_when_repeated(engine: Engine) {
    for signal in ["INT", "TERM"] {
        let (database, path) = with_file(engine);
        let mut import = database
            .server_command()
            .args(["import", "alice", &path])
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        wait_for_frames(&database, &mut import);
        let kill = format!("kill -{signal} {}", import.id());
        assert!(run(Command::new("sh").args(["-c", &kill])).code == Some(0));
        let output = import.wait_with_output().expect("it ends");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "SIG{signal}: {stderr}");
        let stored = database.number(COUNT);
        assert!(stored > 0 && stored < FRAMES, "SIG{signal}: {stored}");
        for words in [
            format!("stopped by SIG{signal}"),
            format!("{stored} of {FRAMES} frames are stored"),
            "Run the same command again".to_owned(),
        ] {
            assert!(stderr.contains(&words), "no {words}: {stderr}");
        }
        let again = database.crick(&["import", "alice", &path]).succeeded();
        let rest = format!("{} of {FRAMES} frames were new", FRAMES - stored);
        assert!(again.stderr.contains(&rest), "{again:?}");
        assert_eq!(database.number(COUNT), FRAMES);
    }
}

/// Limits the size of files, as on a full disk.
#[test]
fn an_import_on_a_full_disk_keeps_its_frames() {
    let (database, path) = with_file(Engine::sqlite());
    let server = server_command();
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", "8000"])
        .arg(server.get_program())
        .args(["import", "alice", &path])
        .env("CRICK_DSN", &database.dsn);
    let ran = run(&mut limited).failed();
    assert_eq!(ran.code, Some(1));
    let stored = database.number(COUNT);
    assert!(stored > 0 && stored < FRAMES, "{stored}: {ran:?}");
    for words in [
        format!("{stored} of {FRAMES} frames are stored"),
        "cannot store more frames".to_owned(),
        "Run the same command again".to_owned(),
    ] {
        assert!(ran.stderr.contains(&words), "no {words}: {ran:?}");
    }
    database.crick(&["import", "alice", &path]).succeeded();
    assert_eq!(database.number(COUNT), FRAMES);
}
