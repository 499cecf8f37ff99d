//! The people, projects and teams that the examples speak of, under the names that stand in them.

use serde_json::json;

use crate::support::{Api, Crick, Engine};

/// An identifier of the examples by its end.
fn id(end: &str) -> String {
    format!("0196f3a0-0000-7000-8000-{end:0>12}")
}

/// Two frames of ada's; their ids are chosen by clients.
pub(super) const FRAMES: [&str; 2] = [
    "6da2b18a-ca82-438e-bfa3-efd52a7c5608",
    "b1c0de2e-5f0a-4a53-9d52-9a1f6c1b7d10",
];

/// The hash of the token of ada's calendar feed, `crickcalExampleExample…`.
const FEED_HASH: &str = "f59e718a737ade45e37dc1e4099e1976d1ee052243d358913cb3ffffc2a76eb0";

/// A server on which ada, the caller, has tracked time, owns the team `moon` with bob in it, is in the team `station`,
/// and is invited to `gems`.
#[track_caller]
pub(super) fn start(engine: Engine) -> (Crick, Api) {
    let crick = Crick::start(engine);
    let sql = |statement: &str| crick.database.execute(&literals(engine, statement));
    sql("DELETE FROM users WHERE login = 'alice'");
    for (end, login) in [
        ("ada0", "ada"),
        ("b0", "bob"),
        ("c0", "carol"),
        ("e0", "eve"),
    ] {
        sql(&format!(
            "INSERT INTO users (id, login, seq, created_at) VALUES (<{end}>, '{login}', 0, 0)"
        ));
    }
    for (end, name) in [("1", "apollo"), ("2", "mercury")] {
        sql(&format!(
            "INSERT INTO projects (id, user_id, name, created_at) VALUES (<{end}>, <ada0>, '{name}', 0)"
        ));
    }
    let hash = if engine.is_embedded() {
        "X'01'"
    } else {
        "'\\x01'"
    };
    sql(&format!(
        "INSERT INTO api_tokens (id, user_id, device, hash, created_at, scopes) \
         VALUES (<30>, <ada0>, 'laptop', {hash}, 0, 'sync read')"
    ));
    let hash = if engine.is_embedded() {
        format!("X'{FEED_HASH}'")
    } else {
        format!("'\\x{FEED_HASH}'")
    };
    sql(&format!(
        "INSERT INTO calendar_feeds (id, user_id, hash, name, projects, tags, days_back, created_at) \
         VALUES (<50>, <ada0>, {hash}, 'brakes', '[]', '[\"brakes\"]', 3650, 0)"
    ));
    for (team, owner, name, project, members) in [
        ("10", "ada0", "moon", "apollo", &["ada0", "b0"][..]),
        ("20", "e0", "gems", "gemini", &["e0"][..]),
        ("40", "b0", "station", "mir", &["b0", "ada0"][..]),
    ] {
        sql(&format!(
            "INSERT INTO teams (id, owner_id, name, created_at) VALUES (<{team}>, <{owner}>, '{name}', 0)"
        ));
        sql(&format!(
            "INSERT INTO team_projects (team_id, project, position) VALUES (<{team}>, '{project}', 0)"
        ));
        for member in members {
            sql(&format!(
                "INSERT INTO team_members (team_id, user_id, joined_at) VALUES (<{team}>, <{member}>, 0)"
            ));
            sql(&format!(
                "INSERT INTO team_shares (team_id, user_id, project) VALUES (<{team}>, <{member}>, '{project}')"
            ));
        }
    }
    for (invitation, team, user) in [("11", "10", "e0"), ("21", "20", "ada0")] {
        sql(&format!(
            "INSERT INTO team_invitations (id, team_id, user_id, created_at) VALUES (<{invitation}>, <{team}>, <{user}>, 0)"
        ));
    }
    let token = crick.database.crick(&[
        "token",
        "create",
        "ada",
        "--device",
        "web",
        "--scopes",
        "sync,read,write",
    ]);
    let ada = crick.with_token(token.succeeded().stdout.trim());
    let [first, second] = FRAMES;
    ada.push(&[
        json!({"id": first, "begin_at": "2026-03-02T09:00:00+01:00", "end_at": "2026-03-02T12:30:00+01:00",
               "project": "apollo", "tags": ["brakes", "review"]}),
        json!({"id": second, "begin_at": "2026-03-28T23:00:00+01:00", "end_at": "2026-03-29T03:30:00+02:00",
               "project": "apollo", "tags": ["brakes"]}),
    ]);
    (crick, ada)
}

/// Writes identifiers, `<end>` in the statement, as an engine does.
fn literals(engine: Engine, statement: &str) -> String {
    let mut parts = statement.split('<');
    let mut written = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (end, rest) = part.split_once('>').expect("an identifier has an end");
        let id = id(end);
        written += &if engine.is_embedded() {
            format!("X'{}'", id.replace('-', ""))
        } else {
            format!("'{id}'")
        };
        written += rest;
    }
    written
}
