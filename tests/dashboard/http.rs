//! The dashboard as HTTP: methods, bodies, headers, and switched off.

use super::{Browser, encode, text};
use crate::support::{Crick, Engine};

const PAGES: [&str; 9] = [
    "/",
    "/dashboard/year",
    "/dashboard/tags",
    "/dashboard/frames",
    "/dashboard/feeds",
    "/dashboard/teams",
    "/dashboard/invitations",
    "/dashboard/devices",
    "/dashboard/sign-in",
];

#[test]
fn every_response_has_the_security_headers() {
    let crick = Crick::start(Engine::sqlite());
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    let page = browser.page("/");
    let style = super::after(&page, "rel=\"stylesheet\" href=\"").to_owned();
    let more = ["/dashboard/nothing", "/?week=x", &style];
    for path in PAGES.into_iter().chain(more) {
        for reply in [browser.get(path), crick.stranger().get(path)] {
            let policy = reply.header("content-security-policy");
            for part in [
                "default-src 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ] {
                assert!(policy.contains(part), "{path}: {policy}");
            }
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
            // With `no-referrer` a browser sends forms with `Origin: null`.
            assert_eq!(reply.header("referrer-policy"), "same-origin", "{path}");
            assert_ne!(reply.header("x-request-id"), "", "{path}");
            let is_asset = path == style;
            let keeps = reply.header("cache-control");
            assert_eq!(keeps == "no-store", !is_asset, "{path}: {keeps}");
        }
    }
}

#[test]
fn head_is_get_without_a_body() {
    let crick = Crick::start(Engine::sqlite());
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    let cookie = [("Cookie", browser.cookie.as_str())];
    for path in PAGES {
        let (head, get) = (
            browser.client.request("HEAD", path, &cookie),
            browser.get(path),
        );
        assert_eq!((head.status, get.status), (200, 200), "{path}");
        assert!(head.body.is_empty(), "{path}");
        assert_eq!(head.header("content-type"), get.header("content-type"));
    }
    let head = crick.stranger().request("HEAD", "/dashboard/frames", &[]);
    assert_eq!(head.status, 303);
}

#[test]
fn an_unsupported_method_is_405() {
    let crick = Crick::start(Engine::sqlite());
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    let cookie = [("Cookie", browser.cookie.as_str())];
    for (method, path, allowed) in [
        ("POST", "/dashboard/year", "GET,HEAD"),
        ("PUT", "/dashboard/teams", "GET,HEAD,POST"),
        ("DELETE", "/dashboard/devices", "GET,HEAD,POST"),
        ("GET", "/dashboard/sign-out", "POST"),
        ("GET", "/dashboard/zone", "POST"),
    ] {
        let reply = browser.client.request(method, path, &cookie);
        assert_eq!(reply.status, 405, "{method} {path}");
        assert_eq!(reply.header("allow"), allowed, "{method} {path}");
        let page = text(reply);
        assert!(page.contains("<h1>"), "{method} {path}: {page}");
        let reply = browser.client.request("OPTIONS", path, &cookie);
        assert_eq!(reply.status, 204, "{path}");
        assert_eq!(reply.header("allow"), allowed, "{path}");
    }
    let reply = browser
        .client
        .request("POST", "/dashboard/nothing", &cookie);
    assert_eq!(reply.status, 404);
    browser.page("/");
}

#[test]
fn a_trailing_slash_redirects_to_the_page() {
    let crick = Crick::start(Engine::sqlite());
    for (path, page) in [
        ("/dashboard", "/"),
        ("/dashboard/", "/"),
        ("/dashboard/year/", "/dashboard/year"),
        ("/dashboard/year/?year=2026", "/dashboard/year?year=2026"),
    ] {
        let reply = crick.stranger().get(path);
        assert_eq!((reply.status, reply.header("location")), (303, page));
    }
}

#[test]
fn an_invalid_or_oversized_form_is_refused_with_a_page() {
    let crick = Crick::start_with(Engine::sqlite(), &["--body-limit", "1000"]);
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    let form = "application/x-www-form-urlencoded";
    let long = encode(&[("token", &"x".repeat(2_000))]);
    for (path, kind, body, status) in [
        ("/dashboard/sign-in", form, long.as_bytes(), 413),
        ("/dashboard/zone", form, long.as_bytes(), 413),
        ("/dashboard/sign-in", form, b"", 400),
        ("/dashboard/sign-in", form, b"zone=UTC", 400),
        ("/dashboard/sign-in", form, b"token=a&token=b", 400),
        ("/dashboard/sign-in", form, b"\xff\x00=%%%", 400),
        ("/dashboard/sign-in", "application/json", b"{}", 400),
        ("/dashboard/sign-in", "text/plain", b"token=a", 400),
        ("/dashboard/zone", "multipart/form-data", b"x", 400),
    ] {
        let headers = [("Content-Type", kind), ("Cookie", &browser.cookie)];
        let reply = browser
            .client
            .request_with_body("POST", path, &headers, body);
        assert_eq!(reply.status, status, "{path} {kind} {body:?}");
        assert!(text(reply).contains("<h1>That did not work</h1>"));
    }
    browser.page("/");
}

#[test]
fn the_dashboard_can_be_switched_off() {
    let crick = Crick::start_with(Engine::sqlite(), &["--dashboard", "false"]);
    let alice = crick.person("alice");
    for path in PAGES {
        for reply in [crick.stranger().get(path), alice.get(path)] {
            reply.problem(404);
        }
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let body = encode(&[("token", alice.token())]);
    let reply = alice.request_with_body("POST", "/dashboard/sign-in", &form, body.as_bytes());
    reply.problem(404);
    alice.get("/users/me").ok(200);
}

#[test]
fn the_api_ignores_the_cookie() {
    let crick = Crick::start(Engine::sqlite());
    let browser = Browser::sign_in(&crick, &crick.person("alice"), "UTC");
    for path in ["/users/me", "/frames", "/watson/frames", "/users/me/tokens"] {
        browser.get(path).problem(401);
    }
}
