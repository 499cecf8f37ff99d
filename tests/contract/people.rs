//! Finding people: enough to invite somebody whose login one knows, and no list of everybody.

use serde_json::Value;

use crate::support::{Api, Crick, Engine, on_both_engines};

on_both_engines![
    people_are_found_by_how_their_login_begins_whatever_its_case,
    ten_are_answered_in_the_order_of_their_logins,
    what_would_be_a_wildcard_is_a_character,
    fewer_than_two_characters_and_other_nonsense_are_400,
];

/// The logins that a search finds.
#[track_caller]
fn found(who: &Api, q: &str) -> Vec<String> {
    let answer = who.get(&format!("/users?q={q}")).ok(200);
    let users = answer["users"].as_array().expect("a list").iter();
    let login = |user: &Value| user["login"].as_str().expect("a login").to_owned();
    users.map(login).collect()
}

fn with_people(crick: &Crick, logins: &[&str]) -> Api {
    for login in logins {
        crick.database.add_user(login);
    }
    crick.device("laptop")
}

fn people_are_found_by_how_their_login_begins_whatever_its_case(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_people(&crick, &["Bob", "bobby", "jimbob", "carol"]);
    for q in ["bo", "BO", "bOb"] {
        assert_eq!(found(&alice, q), ["Bob", "bobby"], "{q}");
    }
    assert_eq!(found(&alice, "bobb"), ["bobby"]);
    assert_eq!(found(&alice, "alice"), ["alice"], "oneself too");
    assert!(found(&alice, "ob").is_empty());
    assert!(found(&alice, &"b".repeat(1_000)).is_empty());
}

fn ten_are_answered_in_the_order_of_their_logins(engine: Engine) {
    let crick = Crick::start(engine);
    let logins: Vec<String> = (0..12).rev().map(|n| format!("user{n:02}")).collect();
    let logins: Vec<&str> = logins.iter().map(String::as_str).collect();
    let alice = with_people(&crick, &logins);
    let first_ten: Vec<String> = (0..10).map(|n| format!("user{n:02}")).collect();
    assert_eq!(found(&alice, "us"), first_ten);
}

fn what_would_be_a_wildcard_is_a_character(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = with_people(&crick, &["a_b", "axb", "aab"]);
    assert_eq!(found(&alice, "a_"), ["a_b"]);
    for q in ["%25%25", "__", "a%25", "a!", "!!", "a%5C", "**", "a'"] {
        assert!(found(&alice, q).is_empty(), "{q}");
    }
}

fn fewer_than_two_characters_and_other_nonsense_are_400(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.device("laptop");
    for query in [
        "",
        "?",
        "?q",
        "?q=",
        "?q=a",
        "?q=%25",
        "?q=%C3%A9",
        "?q=al%00",
        "?q=al&q=bo",
        "?q=al&page=2",
        "?Q=al",
    ] {
        alice.get(&format!("/users{query}")).problem(400);
    }
}
