//! When a session ends, and which servers know it.

use super::{Browser, text};
use crate::support::{Api, Crick, Engine, Server, on_both_engines};

on_both_engines![
    sign_out_ends_only_its_session,
    a_session_ends_with_its_token,
    a_session_ends_when_its_token_expires,
    a_session_ends_with_its_user,
    a_session_ends_after_thirty_days_without_use,
    another_server_on_the_database_knows_the_session,
    the_zone_changes_only_to_one_that_exists,
    a_page_loads_the_session_once,
    sign_in_ends_the_browsers_previous_session,
    a_user_has_at_most_fifty_sessions,
    the_operator_ends_all_sessions_of_a_user,
];

#[track_caller]
fn must_sign_in(browser: &Browser) {
    let reply = browser.get("/");
    assert_eq!(reply.status, 303, "{reply:?}");
    assert_eq!(reply.header("location"), "/dashboard/sign-in");
    assert!(reply.body.len() < 2_000, "a page without content");
}

fn sign_out_ends_only_its_session(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let [here, there] = [0, 1].map(|_| Browser::sign_in(&crick, &alice, "UTC"));
    let reply = here.post("/dashboard/sign-out", &[]);
    assert_eq!(reply.status, 303);
    assert_eq!(reply.header("location"), "/dashboard/sign-in");
    let removed = reply.header("set-cookie");
    assert!(
        removed.starts_with("crick=;") && removed.contains("Max-Age=0"),
        "{removed}"
    );
    must_sign_in(&here);
    there.page("/");
}

fn a_session_ends_with_its_token(engine: Engine) {
    let crick = Crick::start(engine);
    let (laptop, phone) = (crick.device("laptop"), crick.device("phone"));
    let [of_laptop, of_phone] = [&laptop, &phone].map(|it| Browser::sign_in(&crick, it, "UTC"));
    let revoke = ["token", "revoke", "alice", "--device", "laptop"];
    crick.database.crick(&revoke).succeeded();
    must_sign_in(&of_laptop);
    of_phone.page("/");
    let again = crick.device("laptop");
    must_sign_in(&of_laptop);
    Browser::sign_in(&crick, &again, "UTC").page("/");
}

fn a_session_ends_when_its_token_expires(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    browser.page("/");
    crick
        .database
        .execute("UPDATE api_tokens SET expires_at = 1000000");
    must_sign_in(&browser);
}

fn a_session_ends_with_its_user(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let [hers, his] = [&alice, &bob].map(|it| Browser::sign_in(&crick, it, "UTC"));
    assert_eq!(bob.delete("/users/me").status, 204);
    must_sign_in(&his);
    hers.page("/");
    assert_eq!(sessions(&crick), 1);
}

fn sessions(crick: &Crick) -> i64 {
    crick.database.number("SELECT count(*) FROM web_sessions")
}

fn a_session_ends_after_thirty_days_without_use(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    let lasts = "SELECT (expires_at - last_used_at) / 86400000000 FROM web_sessions";
    assert_eq!(crick.database.number(lasts), 30);
    // Use after ten days extends the session.
    let ten_days = "UPDATE web_sessions SET expires_at = expires_at - 864000000000, \
                    last_used_at = last_used_at - 864000000000";
    crick.database.execute(ten_days);
    let before = crick
        .database
        .number("SELECT last_used_at FROM web_sessions");
    browser.page("/");
    let after = crick
        .database
        .number("SELECT last_used_at FROM web_sessions");
    assert!(after >= before + 864_000_000_000, "{before} {after}");
    assert_eq!(crick.database.number(lasts), 30);
    crick
        .database
        .execute("UPDATE web_sessions SET expires_at = 1000000");
    must_sign_in(&browser);
    Browser::sign_in(&crick, &alice, "UTC");
    assert_eq!(sessions(&crick), 1, "the ended session is deleted");
}

fn another_server_on_the_database_knows_the_session(engine: Engine) {
    let crick = Crick::start(engine);
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    let other = Server::start(&crick.database, &[]);
    let there = Browser {
        client: Api::new(&other.address, None),
        cookie: browser.cookie.clone(),
    };
    assert!(there.page("/").contains("alice"));
    assert_eq!(there.post("/dashboard/sign-out", &[]).status, 303);
    must_sign_in(&browser);
}

fn the_zone_changes_only_to_one_that_exists(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    let [here, there] = [0, 1].map(|_| Browser::sign_in(&crick, &alice, "Europe/Paris"));
    assert!(here.page("/").contains("value=\"Europe/Paris\""));
    let changed = here.done("/dashboard/zone", &[("zone", "asia/tokyo")]);
    assert!(changed.contains("value=\"Asia/Tokyo\""), "{changed}");
    for zone in ["Mars/Olympus", "", "../../etc/passwd", "Etc/Unknown"] {
        let reply = here.post("/dashboard/zone", &[("zone", zone)]);
        assert_eq!(reply.status, 400, "{zone}");
        assert!(
            text(reply).contains("must be a time zone like Europe/Paris"),
            "{zone}"
        );
    }
    assert!(here.page("/").contains("value=\"Asia/Tokyo\""));
    assert!(
        there.page("/").contains("value=\"Europe/Paris\""),
        "another browser's is its own"
    );
    let strange = Browser::sign_in(&crick, &alice, "Mars/Olympus");
    assert!(strange.page("/").contains("value=\"UTC\""));
}

fn a_page_loads_the_session_once(engine: Engine) {
    let mut crick = Crick::start_with(engine, &["--log", "info,sqlx=debug", "--drain-grace", "0"]);
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    let paths = ["/dashboard/nothing", "/dashboard/devices"];
    assert_eq!(browser.get(paths[0]).status, 404);
    browser.page(paths[1]);
    let requests = crick.server.statements_by_request();
    // A missing page loads nothing; the devices page loads session, tokens and refused frames.
    assert_eq!(requests[requests.len() - 2..], [0, 3]);
}

fn sign_in_ends_the_browsers_previous_session(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let first = Browser::sign_in(&crick, &alice, "UTC");
    let token = ("token", bob.token());
    let reply = first.send("/dashboard/sign-in", &[token]);
    assert_eq!(reply.status, 303, "{reply:?}");
    must_sign_in(&first);
    assert_eq!(sessions(&crick), 1, "bob's");
}

fn a_user_has_at_most_fifty_sessions(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let his = Browser::sign_in(&crick, &bob, "UTC");
    let first = Browser::sign_in(&crick, &alice, "UTC");
    for _ in 0..50 {
        Browser::sign_in(&crick, &alice, "UTC");
    }
    assert_eq!(sessions(&crick), 51);
    must_sign_in(&first);
    his.page("/");
}

fn the_operator_ends_all_sessions_of_a_user(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    let [hers, his] = [&alice, &bob].map(|it| Browser::sign_in(&crick, it, "UTC"));
    crick
        .database
        .crick(&["user", "sign-out", "alice"])
        .succeeded();
    must_sign_in(&hers);
    his.page("/");
    assert_eq!(alice.get("/users/me").status, 200, "her token stays");
}
