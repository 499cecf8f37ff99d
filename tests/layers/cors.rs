//! Pages of the listed origins may call the API; for all others there is no word of it.

use crate::support::{Api, Crick, Engine, Reply};

const APP: &str = "https://app.example.org";
const OTHER: &str = "https://app.example.com";

#[track_caller]
fn start(origins: &[&str]) -> Crick {
    let list = origins.join(",");
    match origins {
        [] => Crick::start(Engine::sqlite()),
        _ => Crick::start_with(Engine::sqlite(), &["--cors-allowed-origins", &list]),
    }
}

fn preflight(api: &Api, path: &str, origin: &str) -> Reply {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    api.request("OPTIONS", path, &headers)
}

/// The names and values of a list with commas, in lower case and sorted.
fn list(reply: &Reply, name: &str) -> Vec<String> {
    let fields = reply.headers.get_all(name).iter();
    let mut list: Vec<String> = fields
        .flat_map(|field| field.to_str().expect("a printable header").split(','))
        .map(|item| item.trim().to_lowercase())
        .collect();
    list.sort();
    list
}

#[track_caller]
fn assert_no_word_of_cors(reply: &Reply) {
    let names = reply.headers.keys().map(|name| name.as_str());
    let cors: Vec<&str> = names.filter(|name| name.starts_with("access-")).collect();
    assert!(cors.is_empty(), "{reply:?}");
}

#[track_caller]
fn assert_readable_by(reply: &Reply, origin: &str) {
    assert_eq!(reply.header("access-control-allow-origin"), origin);
    assert_eq!(
        list(reply, "access-control-expose-headers"),
        ["content-disposition", "etag", "retry-after", "x-request-id"]
    );
    assert!(
        list(reply, "vary").contains(&"origin".to_owned()),
        "{reply:?}"
    );
    assert_eq!(reply.header("access-control-allow-credentials"), "");
}

#[test]
fn without_a_list_no_page_may_call() {
    let crick = start(&[]);
    let laptop = crick.device("laptop");
    for origin in [APP, "null", "*"] {
        let simple = laptop.request("GET", "/projects", &[("Origin", origin)]);
        assert_eq!(simple.status, 200);
        assert_no_word_of_cors(&simple);
        let preflight = preflight(&crick.stranger(), "/projects", origin);
        assert_eq!(preflight.status, 200);
        assert_no_word_of_cors(&preflight);
    }
}

#[test]
fn a_page_of_a_listed_origin_may_read_every_answer() {
    let crick = start(&["https://else.example.org", APP]);
    let (laptop, stranger) = (crick.device("laptop"), crick.stranger());
    let from_app = [("Origin", APP)];
    for (api, method, path, status) in [
        (&laptop, "GET", "/projects", 200),
        (&laptop, "HEAD", "/users/me", 200),
        (&laptop, "GET", "/users", 400),
        (&stranger, "GET", "/projects", 401),
        (&laptop, "DELETE", "/users/me", 403),
        (&laptop, "GET", "/nothing", 404),
        (&laptop, "DELETE", "/projects", 405),
    ] {
        let reply = api.request(method, path, &from_app);
        assert_eq!(reply.status, status, "{method} {path}");
        assert_readable_by(&reply, APP);
    }
}

#[test]
fn a_page_of_a_listed_origin_may_read_that_it_must_slow_down_or_was_too_slow() {
    let crick = Crick::start_with(
        Engine::sqlite(),
        &[
            "--cors-allowed-origins",
            APP,
            "--rate-limit-token",
            "1",
            "--request-timeout",
            "1",
        ],
    );
    let laptop = crick.device("laptop");
    laptop.get("/projects");
    let refused = laptop.request("GET", "/projects", &[("Origin", APP)]);
    refused.problem(429);
    assert_readable_by(&refused, APP);

    let phone = crick.device("phone");
    let mut slow = crick.server.connect();
    slow.send(&format!(
        "POST /watson/frames/bulk HTTP/1.1\r\nHost: crick\r\nOrigin: {APP}\r\n\
         Authorization: Token {}\r\nContent-Length: 100\r\n\r\n[",
        phone.token()
    ));
    let late = slow.reply().expect("an answer");
    late.problem(408);
    assert_eq!(late.header("connection"), "close");
    assert_readable_by(&late, APP);
}

#[test]
fn a_page_of_another_origin_may_read_nothing() {
    let crick = start(&[APP]);
    let laptop = crick.device("laptop");
    for origin in [
        OTHER,
        "http://app.example.org",
        "https://app.example.org:8443",
        "https://app.example.org.evil.example",
        "null",
        "",
    ] {
        let reply = laptop.request("GET", "/projects", &[("Origin", origin)]);
        assert_eq!(reply.status, 200, "{origin}");
        assert_no_word_of_cors(&reply);
        assert!(list(&reply, "vary").contains(&"origin".to_owned()));
    }
    let without = laptop.get("/projects");
    assert_no_word_of_cors(&without);
    assert!(
        list(&without, "vary").contains(&"origin".to_owned()),
        "a cache must not give it to a page"
    );
}

#[test]
fn a_preflight_is_answered_without_credentials_on_any_path() {
    let crick = start(&[APP]);
    for path in [
        "/projects",
        "/projects/",
        "/watson/frames/bulk/",
        "/nothing",
    ] {
        let reply = preflight(&crick.stranger(), path, APP);
        assert_eq!((reply.status, reply.body.len()), (200, 0), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), APP);
        assert_eq!(
            list(&reply, "access-control-allow-methods"),
            ["delete", "get", "head", "patch", "post", "put"]
        );
        assert_eq!(
            list(&reply, "access-control-allow-headers"),
            [
                "accept",
                "authorization",
                "content-type",
                "if-none-match",
                "x-request-id"
            ]
        );
        assert_eq!(reply.header("access-control-max-age"), "7200");
        assert_eq!(reply.header("access-control-allow-credentials"), "");
        assert!(list(&reply, "vary").contains(&"origin".to_owned()));
    }
}

#[test]
fn a_preflight_of_another_origin_is_200_and_allows_nothing() {
    let crick = start(&[APP]);
    let reply = preflight(&crick.stranger(), "/projects", OTHER);
    assert_eq!(reply.status, 200);
    assert_no_word_of_cors(&reply);
}

#[test]
fn options_that_is_no_preflight_says_what_the_route_can() {
    let crick = start(&[APP]);
    let stranger = crick.stranger();
    let request_method = [("Access-Control-Request-Method", "GET")];
    for headers in [&[][..], &[("Origin", APP)], &request_method] {
        let reply = stranger.request("OPTIONS", "/projects", headers);
        assert_eq!(reply.status, 204, "{headers:?}");
        assert_eq!(reply.header("allow"), "GET,HEAD,OPTIONS");
    }
}

#[test]
fn an_origin_in_upper_case_is_the_same_and_echoed_as_sent() {
    let crick = start(&[APP]);
    let shouted = "HTTPS://App.Example.ORG";
    let laptop = crick.device("laptop");
    let reply = laptop.request("GET", "/projects", &[("Origin", shouted)]);
    assert_readable_by(&reply, shouted);
    let reply = preflight(&laptop, "/projects", shouted);
    assert_eq!(reply.header("access-control-allow-origin"), shouted);
}

#[test]
fn preflights_count_against_no_limit() {
    let options = [
        "--cors-allowed-origins",
        APP,
        "--rate-limit-token",
        "1",
        "--rate-limit-address",
        "1",
    ];
    let crick = Crick::start_with(Engine::sqlite(), &options);
    let laptop = crick.device("laptop");
    for _ in 0..5 {
        assert_eq!(preflight(&laptop, "/projects", APP).status, 200);
    }
    assert_eq!(laptop.get("/projects").status, 200);
    assert_eq!(preflight(&laptop, "/projects", APP).status, 200);
}
