//! Invalid requests are refused, never ignored.

use super::{Browser, text};
use crate::support::{Crick, Engine, batch, on_both_engines};

on_both_engines![
    invalid_parameters_are_a_page_with_status_400,
    without_a_session_pages_redirect_to_sign_in,
    an_unsupported_method_gets_the_allowed_ones,
];

fn invalid_parameters_are_a_page_with_status_400(engine: Engine) {
    let crick = Crick::start(engine);
    let alice = crick.person("alice");
    alice.push(&batch("apollo", 1));
    let browser = Browser::sign_in(&crick, &alice, "UTC");
    for path in [
        "/?week=2026-W60",
        "/?week=2025-W53",
        "/?week=2026-W01&week=2026-W02",
        "/?wek=2026-W01",
        "/dashboard/year?year=26",
        "/dashboard/year?year=12026",
        "/dashboard/tags?range=day",
        "/dashboard/tags?date=2026-01-01",
        "/dashboard/tags?from=2026-02-01&to=2026-01-01",
        "/dashboard/tags?from=yesterday",
        "/dashboard/frames?from=2026-02-30",
        "/dashboard/frames?from=2026-02-01&to=2026-01-01",
        "/dashboard/frames?page=0",
        "/dashboard/frames?page=x",
        "/dashboard/frames?page=99999999999999999999",
        "/dashboard/frames?project=a%00b",
        "/dashboard/frames?colour=blue",
        "/dashboard/teams?x=1",
        "/dashboard/teams/x",
        "/dashboard/invitations?x=1",
        "/dashboard/feeds?x=1",
    ] {
        let reply = browser.get(path);
        assert_eq!(reply.status, 400, "{path}");
        let kind = reply.headers["content-type"].to_str().expect("a text");
        assert!(kind.starts_with("text/html"), "{path}");
        let page = text(reply);
        assert!(
            page.contains("<h1>") && page.contains("<p>"),
            "{path}: {page}"
        );
    }
}

fn without_a_session_pages_redirect_to_sign_in(engine: Engine) {
    let crick = Crick::start(engine);
    for path in [
        "/",
        "/dashboard/year",
        "/dashboard/tags",
        "/dashboard/frames",
        "/dashboard/teams",
        "/dashboard/invitations",
        "/dashboard/feeds",
    ] {
        let reply = crick.stranger().get(path);
        assert_eq!(reply.status, 303, "{path}");
        let next = reply.headers["location"].to_str().expect("a text");
        assert!(next.starts_with("/dashboard/sign-in"), "{next}");
    }
}

fn an_unsupported_method_gets_the_allowed_ones(engine: Engine) {
    let crick = Crick::start(engine);
    for (method, path, takes) in [
        ("PUT", "/", "GET,HEAD"),
        ("POST", "/dashboard/year", "GET,HEAD"),
        ("GET", "/dashboard/sign-out", "POST"),
        ("DELETE", "/dashboard/devices", "GET,HEAD,POST"),
    ] {
        let reply = crick.stranger().request(method, path, &[]);
        assert_eq!(reply.status, 405, "{method} {path}");
        assert_eq!(reply.header("allow"), takes, "{method} {path}");
    }
}
