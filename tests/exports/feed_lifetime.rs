//! How feeds end: by deletion, or with their token, team or user.

use serde_json::json;

use super::{feed, lines, program, team};
use crate::support::{Api, Crick, Engine, frame, on_both_engines};

on_both_engines![
    a_feed_ends_with_the_token_that_created_it,
    a_deleted_feed_is_404,
    a_feed_of_another_user_cannot_be_deleted,
    an_unknown_feed_counts_as_a_failed_authentication,
    a_feed_does_not_outlive_the_token_that_created_it,
    a_teams_feed_shows_nothing_once_its_owner_has_left,
    a_feed_ends_with_its_owner,
];

fn a_deleted_feed_is_404(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (made, path) = feed(&alice, json!({"name": "work"}));
    for path in [&path, path.trim_end_matches(".ics")] {
        assert_eq!(program(&crick).get(path).status, 200);
    }
    let address = format!("/users/me/feeds/{}", made["id"].as_str().expect("an id"));
    assert_eq!(alice.delete(&address).status, 204);
    program(&crick).get(&path).problem(404);
    alice.delete(&address).problem(404);
    assert_eq!(alice.get("/users/me/feeds").ok(200)["feeds"], json!([]));
}

fn a_feed_of_another_user_cannot_be_deleted(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, eve) = (crick.person("alice"), crick.person("eve"));
    let (made, path) = feed(&alice, json!({"name": "work"}));
    let id = made["id"].as_str().expect("an id");
    eve.delete(&format!("/users/me/feeds/{id}")).problem(404);
    assert_eq!(eve.get("/users/me/feeds").ok(200)["feeds"], json!([]));
    assert_eq!(program(&crick).get(&path).status, 200);
}

fn an_unknown_feed_counts_as_a_failed_authentication(engine: Engine) {
    let crick = Crick::start_with(engine, &["--rate-limit-address", "100"]);
    let alice = crick.person("alice");
    let (_, path) = feed(&alice, json!({"name": "work"}));
    let device_token = format!("/calendar/{}.ics", alice.token());
    program(&crick).get(&device_token).problem(404);
    let guess = || program(&crick).get("/calendar/crickcalguess.ics");
    for _ in 1..10 {
        let detail = guess().problem(404);
        assert!(!detail.contains("guess"), "{detail}");
    }
    guess().problem(429);
    assert_eq!(
        program(&crick).get(&path).status,
        200,
        "who knows it is not refused"
    );
}

fn a_feed_does_not_outlive_the_token_that_created_it(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let wanted = json!({"name": "short", "scopes": ["read", "write"], "expires_in_days": 1});
    let token = alice.send("POST", "/users/me/tokens", &wanted).ok(201);
    let short = crick.with_token(token["token"].as_str().expect("a token"));
    let (made, path) = feed(&short, json!({"name": "work"}));
    assert_eq!(made["expires_at"], token["expires_at"]);
    assert_eq!(program(&crick).get(&path).status, 200);
    crick
        .database
        .execute("UPDATE calendar_feeds SET expires_at = created_at");
    program(&crick).get(&path).problem(404);
}

fn a_teams_feed_shows_nothing_once_its_owner_has_left(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    alice.push(&[frame()]);
    let id = team(&alice, &bob);
    let (_, path) = feed(&bob, json!({"name": "moon", "team_id": id}));
    let count = || lines(program(&crick).get(&path).text(), "SUMMARY:").len();
    assert_eq!(count(), 1);
    assert_eq!(bob.delete(&format!("/teams/{id}/members/me")).status, 204);
    assert_eq!(count(), 0);
    assert_eq!(alice.delete(&format!("/teams/{id}")).status, 204);
    program(&crick).get(&path).problem(404);
}

fn a_feed_ends_with_its_owner(engine: Engine) {
    let crick = Crick::start(engine);
    let alice: Api = crick.person("alice");
    let (_, path) = feed(&alice, json!({"name": "work"}));
    assert_eq!(alice.delete("/users/me").status, 204);
    program(&crick).get(&path).problem(404);
    assert_eq!(
        crick.database.number("SELECT count(*) FROM calendar_feeds"),
        0
    );
}

fn a_feed_ends_with_the_token_that_created_it(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let (_, path) = feed(&alice, json!({"name": "work"}));
    let program = program(&crick);
    assert_eq!(program.get(&path).status, 200);
    let revoke = ["token", "revoke", "alice", "--device", "web"];
    crick.database.crick(&revoke).succeeded();
    program.get(&path).problem(404);
    let again = crick.person("alice");
    program.get(&path).problem(404);
    let listed = again.get("/users/me/feeds");
    assert_eq!(listed.ok(200)["feeds"], json!([]));
    let (_, path) = feed(&again, json!({"name": "work"}));
    assert_eq!(program.get(&path).status, 200);
    let kept = crick.database.number("SELECT count(*) FROM calendar_feeds");
    assert_eq!(kept, 1, "the one that ended is forgotten");
}
