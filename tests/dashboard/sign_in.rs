//! Sign-in with a token.

use super::{Browser, encode, text};
use crate::support::{Api, Crick, Engine, Reply, on_both_engines};

on_both_engines![
    the_cookie_is_protected,
    an_invalid_token_does_not_sign_in,
    a_token_without_read_access_does_not_sign_in,
    sign_in_redirects_only_to_pages_of_this_server,
];

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Sends the sign-in form.
#[track_caller]
fn sign_in(client: &Api, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Reply {
    let headers = [&[FORM][..], headers].concat();
    let body = encode(fields);
    client.request_with_body("POST", "/dashboard/sign-in", &headers, body.as_bytes())
}

fn the_cookie_is_protected(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, stranger) = (crick.person("alice"), crick.stranger());
    let token = [("token", alice.token())];
    let plain = sign_in(&stranger, &token, &[]);
    let cookie = plain.header("set-cookie");
    assert!(cookie.starts_with("crick=crickweb"), "{cookie}");
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age="] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"));
    assert_eq!(plain.header("cache-control"), "no-store");

    let https = ("X-Forwarded-Proto", "https");
    let secure = sign_in(&stranger, &token, &[https]);
    let cookie = secure.header("set-cookie");
    assert!(cookie.starts_with("__Host-crick=crickweb"), "{cookie}");
    for part in [
        "; Secure",
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/",
        "; Max-Age=",
    ] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a pair");
    let page = |headers: &[(&str, &str)]| stranger.request("GET", "/", headers).status;
    assert_eq!(page(&[("Cookie", cookie), https]), 200);
    let without_prefix = cookie.replace("__Host-", "");
    assert_eq!(page(&[("Cookie", &without_prefix), https]), 303);
}

fn an_invalid_token_does_not_sign_in(engine: Engine) {
    let crick = Crick::start(engine);
    let laptop = crick.device("laptop");
    let revoke = ["token", "revoke", "alice", "--device", "laptop"];
    crick.database.crick(&revoke).succeeded();
    let stranger = crick.stranger();
    for token in ["", "x", "'; DROP TABLE users", "\0", laptop.token()] {
        let reply = sign_in(&stranger, &[("token", token)], &[]);
        assert_eq!(reply.status, 403, "{token:?}");
        assert_eq!(reply.header("set-cookie"), "", "{token:?}");
        let page = text(reply);
        assert!(page.contains("Invalid token"), "{page}");
        assert!(token.len() < 2 || !page.contains(token), "{page}");
    }
}

fn a_token_without_read_access_does_not_sign_in(engine: Engine) {
    let crick = Crick::start(engine);
    let create = [
        "token", "create", "alice", "--device", "x", "--scopes", "sync",
    ];
    let made = crick.database.crick(&create).succeeded();
    let token = [("token", made.stdout.trim())];
    let reply = sign_in(&crick.stranger(), &token, &[]);
    assert_eq!(reply.status, 403);
    assert_eq!(reply.header("set-cookie"), "");
    assert!(text(reply).contains("can sync, but not read"));
}

fn sign_in_redirects_only_to_pages_of_this_server(engine: Engine) {
    let crick = Crick::start(engine);
    let (alice, stranger) = (crick.person("alice"), crick.stranger());
    let asked = stranger.get("/dashboard/frames?tag=a%26b&page=2");
    let asked = asked.header("location").to_owned();
    let page = text(stranger.get(&asked));
    assert!(
        page.contains("name=\"next\" value=\"/dashboard/frames?tag=a%26b&amp;page=2\""),
        "{page}"
    );
    for (next, location) in [
        ("/dashboard/year?year=2026", "/dashboard/year?year=2026"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/dashboard/\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ] {
        let fields = [("token", alice.token()), ("next", next)];
        let reply = sign_in(&stranger, &fields, &[]);
        assert_eq!(reply.status, 303, "{next:?}");
        assert_eq!(reply.header("location"), location, "{next:?}");
        let query = encode(&[("next", next)]);
        let form = text(stranger.get(&format!("/dashboard/sign-in?{query}")));
        assert!(!form.contains("evil"), "{form}");
    }
}

#[test]
fn failed_attempts_limit_the_address_but_not_valid_tokens() {
    let crick = Crick::start_with(Engine::sqlite(), &["--rate-limit-address", "100"]);
    let (alice, stranger) = (crick.person("alice"), crick.stranger());
    let wrong = [("token", "wrong")];
    for _ in 0..10 {
        assert_eq!(sign_in(&stranger, &wrong, &[]).status, 403);
    }
    let refusal = sign_in(&stranger, &wrong, &[]);
    assert_eq!(refusal.status, 429);
    assert!(refusal.header("content-type").starts_with("text/html"));
    assert_ne!(refusal.header("retry-after"), "");
    let made_up = [("Cookie", "crick=crickwebwrong")];
    assert_eq!(stranger.request("GET", "/", &made_up).status, 429);
    assert!(text(refusal).contains("Too many requests"));
    Browser::sign_in(&crick, &alice, "UTC").page("/");
}
