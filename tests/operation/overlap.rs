//! Statements of an older program that runs at the same time during a deploy: it counts in
//! `users.seq` and records syncs in `sync_cursors`.

use crate::support::{Clock, Crick, Device, Engine, Server, batch, on_both_engines};

on_both_engines![
    pushes_of_an_older_program_and_of_ours_never_get_the_same_number,
    syncs_recorded_by_an_older_program_are_continued,
    down_and_up_again_sends_no_frame_twice,
    a_token_used_by_several_devices_becomes_shared,
];

/// The statements of an older program for a push of one frame.
fn older_push(engine: Engine) -> String {
    let (begin, lock, id) = if engine.is_embedded() {
        ("BEGIN IMMEDIATE", "", "randomblob(16)")
    } else {
        let lock = "SELECT seq FROM users WHERE login = 'alice' FOR UPDATE;";
        ("BEGIN", lock, "gen_random_uuid()")
    };
    format!(
        "{begin}; {lock}
         INSERT INTO frames (user_id, id, project_id, start_at, end_at, tags, seq, written_by, updated_at)
         SELECT u.id, {id}, p.id, 0, 60000000, '[]', u.seq + 1, NULL, 0
         FROM users u JOIN projects p ON p.user_id = u.id WHERE u.login = 'alice' AND p.name = 'both';
         UPDATE users SET seq = seq + 1 WHERE login = 'alice';
         COMMIT"
    )
}

fn pushes_of_an_older_program_and_of_ours_never_get_the_same_number(engine: Engine) {
    const PUSHES: usize = 60;
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    laptop.push(&batch("both", 1));
    let older = older_push(engine);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..PUSHES {
                crick.database.execute(&older);
            }
        });
        scope.spawn(|| {
            for _ in 0..PUSHES {
                let pushed = laptop.try_push(&batch("both", 2));
                let text = String::from_utf8_lossy(&pushed.body);
                assert_eq!(pushed.status, 201, "{text}");
            }
        });
    });
    assert_eq!(laptop.pull_everything().len(), 1 + 3 * PUSHES);
    let apart = "SELECT count(*) FROM users u JOIN frame_sequences s ON s.user_id = u.id WHERE u.seq <> s.seq";
    assert_eq!(crick.database.number(apart), 0);
}

/// A device whose frames are synced, and another of the same user.
fn pair(crick: &Crick) -> (Device, Device) {
    let device = |name| Device::new(crick.device(name)).with_clock(Clock::moved_by_hand());
    let (mut a, mut b) = (device("a"), device("b"));
    for number in 0..3 {
        a.add(&format!("by a, {number}"));
        a.sync();
        b.add(&format!("by b, {number}"));
        b.sync();
    }
    a.sync();
    (a, b)
}

fn syncs_recorded_by_an_older_program_are_continued(engine: Engine) {
    let crick = Crick::start(engine);
    let (a, mut b) = pair(&crick);
    b.add("told by the older program");
    b.sync();
    // The older program handles this sync of a: it reads and writes the device's cursor.
    let sync = a.last_sync_in_microseconds() + 1_000_000;
    let seq = crick.database.number("SELECT seq FROM users");
    let token = "SELECT id FROM api_tokens WHERE device = 'a'";
    let id = if engine.is_embedded() {
        "randomblob(16)"
    } else {
        "gen_random_uuid()"
    };
    crick.database.execute(&format!(
        "INSERT INTO sync_cursors (id, token_id, writer, last_sync, from_seq, upto_seq, pulls, pulled_at, pushed_at)
         SELECT {id}, ({token}), d.writer, {sync}, d.end_seq, {seq}, 1, {sync}, {sync}
         FROM device_syncs d WHERE d.token_id = ({token})"
    ));
    a.api
        .get(&format!(
            "/watson/frames?last_sync={}",
            "2040-01-01T00:00:00Z"
        ))
        .frames();
    let late = b.add("told by ours");
    b.sync();
    let next = a
        .api
        .get("/watson/frames?last_sync=2040-01-01T00:00:10Z")
        .frames();
    assert_eq!(
        next.len(),
        1,
        "only what came after the older program's answer: {next:?}"
    );
    assert_eq!(next[0]["id"], late.to_string());
}

fn down_and_up_again_sends_no_frame_twice(engine: Engine) {
    let crick = Crick::start(engine);
    let (mut a, mut b) = pair(&crick);
    let Crick { server, database } = crick;
    server.stop();
    let count = "SELECT count(*) FROM seaql_migrations WHERE version >= 'm20261129_000013'";
    let steps = database.number(count).to_string();
    database.migrate(&["down", &steps, "--yes"]).succeeded();
    let cursors = "SELECT count(*) FROM sync_cursors WHERE upto_seq > 0";
    assert_eq!(database.number(cursors), 2, "one for each device");
    database.migrate(&["up"]).succeeded();
    let server = Server::start(&database, &[]);
    for device in [&mut a, &mut b] {
        device.api = device.api.at(&server.address);
    }
    let edited = a.add("by a, after");
    for device in [&mut a, &mut b] {
        let received = device.sync().received;
        let known = received.keys().filter(|id| **id != edited);
        assert_eq!(known.count(), 0, "{received:?}");
    }
    a.sync();
    assert_eq!(a.frames(), b.frames());
}

fn a_token_used_by_several_devices_becomes_shared(engine: Engine) {
    let crick = Crick::start(engine);
    crick.device("one");
    crick.device("two");
    let Crick { server, database } = crick;
    server.stop();
    let count = "SELECT count(*) FROM seaql_migrations WHERE version >= 'm20261129_000013'";
    let steps = database.number(count).to_string();
    database.migrate(&["down", &steps, "--yes"]).succeeded();
    let id = if engine.is_embedded() {
        "randomblob(16)"
    } else {
        "gen_random_uuid()"
    };
    let cursors_of = |device: &str, writer: &str| {
        format!(
            "INSERT INTO sync_cursors (id, token_id, writer, last_sync, from_seq, upto_seq, pulls, pulled_at, pushed_at)
             SELECT {id}, t.id, {writer}, 5, 0, 0, 1, 5, 5 FROM api_tokens t WHERE t.device = '{device}'"
        )
    };
    // One token with cursors of one writer, and one with cursors of two writers.
    for device in ["one", "one", "two"] {
        database.execute(&cursors_of(device, "t.id"));
    }
    database.execute(&cursors_of("two", id));
    database.migrate(&["up"]).succeeded();
    let shared = |device: &str| {
        database.number(&format!(
            "SELECT count(*) FROM api_tokens WHERE is_shared AND device = '{device}'"
        ))
    };
    assert_eq!([shared("one"), shared("two")], [0, 1]);
}
