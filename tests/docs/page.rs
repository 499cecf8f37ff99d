//! The page that is made of the OpenAPI document.

use serde_json::Value;

use crate::support::{Api, Crick, Engine, Reply};

#[track_caller]
fn page(stranger: &Api) -> (Reply, String) {
    let reply = stranger.get("/docs");
    assert_eq!(reply.status, 200, "{reply:?}");
    let html = String::from_utf8(reply.body.clone()).expect("UTF-8");
    (reply, html)
}

/// What stands in a page between each `begin` and the next `end`.
fn each<'a>(html: &'a str, begin: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    html.split(begin)
        .skip(1)
        .filter_map(move |rest| rest.split(end).next())
}

#[test]
fn anybody_may_read_the_page() {
    let crick = Crick::start(Engine::sqlite());
    for path in ["/docs", "/docs/"] {
        let reply = crick.stranger().get(path);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
        assert!(reply.body.starts_with(b"<!DOCTYPE html>"), "{path}");
    }
}

#[test]
fn the_page_brings_its_own_style_and_lets_the_browser_load_nothing_else() {
    let crick = Crick::start(Engine::sqlite());
    let (reply, html) = page(&crick.stranger());
    let policy: Vec<&str> = reply
        .header("content-security-policy")
        .split("; ")
        .collect();
    assert!(policy.contains(&"default-src 'none'"), "{policy:?}");
    assert!(policy.contains(&"frame-ancestors 'none'"), "{policy:?}");
    assert!(policy.contains(&"base-uri 'none'"), "{policy:?}");
    assert!(policy.contains(&"form-action 'none'"), "{policy:?}");
    let style = policy.iter().find_map(|it| it.strip_prefix("style-src "));
    let style = style.expect("a rule for the style");
    assert!(
        style.starts_with("'sha256-") && !style.contains(' '),
        "{style}"
    );
    for thing in [
        "<script", "<link", "<img", "<iframe", "src=", "url(", "@import", " style=",
    ] {
        assert!(!html.contains(thing), "{thing} in the page");
    }
}

#[test]
fn links_lead_to_the_document_and_to_what_is_on_the_page() {
    let crick = Crick::start(Engine::sqlite());
    let (_, html) = page(&crick.stranger());
    let links: Vec<&str> = each(&html, "href=\"", '"').collect();
    assert!(links.contains(&"/openapi.json"), "{links:?}");
    for link in links.into_iter().filter(|link| *link != "/openapi.json") {
        let id = link.strip_prefix('#').expect("a link within the page");
        assert!(
            html.contains(&format!(" id=\"{id}\"")),
            "nothing is called {id}"
        );
    }
}

#[test]
fn every_operation_of_the_document_is_on_the_page() {
    let crick = Crick::start_with(Engine::sqlite(), &["--watson-path", "/time"]);
    let stranger = crick.stranger();
    let (_, html) = page(&stranger);
    let ids: Vec<&str> = each(&html, "<h3 id=\"", '"').collect();
    let document = stranger.get("/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.values().filter_map(Value::as_object).flatten();
    let in_document: Vec<&str> = operations
        .map(|(_, operation)| operation["operationId"].as_str().expect("an id"))
        .collect();
    for id in &in_document {
        assert!(ids.contains(id), "{id} is not on the page");
    }
    assert_eq!(ids.len(), in_document.len(), "each once: {ids:?}");
}

#[test]
fn the_page_shows_watsons_routes_where_the_operator_has_put_them() {
    let crick = Crick::start_with(Engine::sqlite(), &["--watson-path", "/time"]);
    let (_, html) = page(&crick.stranger());
    let text = html.replace("<wbr>", "");
    assert!(text.contains("/time/frames/bulk"), "Watson's routes");
    assert!(!text.contains("/watson/"), "an address that answers 404");
}
