//! `/users/me`, searching users, and deleting oneself.

use serde_json::{Value, json};

use crate::support::{Crick, Engine, batch, on_both_engines};

on_both_engines![
    the_user_has_the_json_form_of_the_first_crick_without_the_token,
    users_are_found_by_the_start_of_their_login,
    a_search_takes_two_characters_and_no_wildcards,
    deleting_a_user_deletes_everything_of_theirs_and_nothing_of_others,
    an_unknown_parameter_is_refused_before_anything_is_done,
];

fn logins(found: &Value) -> Vec<&str> {
    let users = found["users"].as_array().expect("users");
    users
        .iter()
        .map(|user| user["login"].as_str().expect("a login"))
        .collect()
}

fn the_user_has_the_json_form_of_the_first_crick_without_the_token(engine: Engine) {
    let crick = Crick::start(engine);
    let me = crick.device("laptop").get("/users/me").json();
    let id = me["id"].clone();
    assert_eq!(
        me,
        json!({"avatar_url": "", "id": id, "login": "alice", "token": null})
    );
}

fn users_are_found_by_the_start_of_their_login(engine: Engine) {
    let crick = Crick::start(engine);
    for login in ["Bob", "bobby", "bo_b", "bo%b", "carol"] {
        // Not every name can be a login.
        let _ = crick.database.crick(&["user", "add", login]);
    }
    let alice = crick.device("laptop");
    let found = alice.get("/users?q=bo").json();
    assert_eq!(logins(&found), ["bo_b", "Bob", "bobby"]);
    let keys: Vec<&String> = found["users"][0]
        .as_object()
        .expect("a user")
        .keys()
        .collect();
    assert_eq!(keys, ["avatar_url", "id", "login"]);
    assert_eq!(logins(&alice.get("/users?q=BOB").json()), ["Bob", "bobby"]);
    assert!(
        logins(&alice.get("/users?q=ob").json()).is_empty(),
        "not in the middle"
    );
    for number in 0..12 {
        crick.database.add_user(&format!("dave{number:02}"));
    }
    assert_eq!(logins(&alice.get("/users?q=dave").json()).len(), 10);
}

fn a_search_takes_two_characters_and_no_wildcards(engine: Engine) {
    let crick = Crick::start(engine);
    crick.database.add_user("bob");
    let alice = crick.device("laptop");
    for query in [
        "",
        "?q=",
        "?q=b",
        "?q=%00%00",
        "?q=bo&q=al",
        "?login=bob",
        "?q=bo&limit=3",
    ] {
        alice.get(&format!("/users{query}")).problem(400);
    }
    for query in ["%25%25", "b_", "__", "bo%25", "!!", "b%5C"] {
        assert!(
            logins(&alice.get(&format!("/users?q={query}")).json()).is_empty(),
            "{query}"
        );
    }
}

fn deleting_a_user_deletes_everything_of_theirs_and_nothing_of_others(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, bob) = (crick.person("alice"), crick.person("bob"));
    alice.push(&batch("apollo", 3));
    bob.push(&batch("apollo", 2));
    alice
        .request("DELETE", &format!("/frames/{}", uuid::Uuid::new_v4()), &[])
        .problem(404);
    let team = json!({"name": "moon", "projects": ["apollo"]}).to_string();
    assert_eq!(
        alice
            .request_with_body("POST", "/teams", &[], team.as_bytes())
            .status,
        201
    );
    assert_eq!(alice.request("DELETE", "/users/me", &[]).status, 204);
    alice.get("/users/me").problem(401);
    for table in ["frames", "projects", "api_tokens", "team_members", "users"] {
        let expected = match table {
            "frames" => 2,
            "team_members" => 0,
            _ => 1,
        };
        let count = crick
            .database
            .number(&format!("SELECT count(*) FROM {table}"));
        assert_eq!(count, expected, "{table}");
    }
    assert_eq!(bob.pull_everything().len(), 2);
}

fn an_unknown_parameter_is_refused_before_anything_is_done(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice
        .request("DELETE", "/users/me?dry_run=1", &[])
        .problem(400);
    for address in [
        "/users/me?x",
        "/users/me/tokens?q=1",
        "/teams?limit=3",
        "/users/me/export?format=csv",
    ] {
        alice.get(address).problem(400);
    }
    assert_eq!(alice.get("/users/me").status, 200);
    assert_eq!(
        alice.get("/users/me?").status,
        200,
        "nothing behind the question mark"
    );
}
