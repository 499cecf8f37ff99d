//! Swagger UI, which shows the OpenAPI document.

use crate::support::{Crick, Engine};

#[test]
fn anyone_may_read_the_page_which_loads_its_files_from_this_server() {
    let crick = Crick::start(Engine::sqlite());
    for path in ["/docs", "/docs/"] {
        let reply = crick.stranger().get(path);
        assert_eq!(reply.status, 200, "{path}");
        assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
        let html = String::from_utf8(reply.body.clone()).expect("UTF-8");
        assert!(html.starts_with("<!DOCTYPE html>"), "{path}");
        let addresses = |attribute: &str| {
            let rest = html.split(attribute).skip(1).map(str::to_owned);
            let values = rest.filter_map(|rest| rest.split('"').next().map(str::to_owned));
            values.collect::<Vec<_>>()
        };
        let mut files = [addresses(" href=\""), addresses(" src=\"")].concat();
        files.retain(|file| file != "data:,");
        assert_eq!(files.len(), 4, "{files:?}");
        for file in files {
            let reply = crick.stranger().get(&file);
            assert_eq!(reply.status, 200, "{file}");
            let kind = reply.header("content-type");
            let expected = match file.rsplit('.').next() {
                Some("css") => "text/css",
                Some("js") => "text/javascript",
                _ => "application/json",
            };
            assert_eq!(kind, expected, "{file}");
        }
    }
    crick.stranger().get("/docs/nothing.js").problem(404);
}

#[test]
fn the_policy_lets_the_browser_load_nothing_from_elsewhere() {
    let crick = Crick::start(Engine::sqlite());
    let reply = crick.stranger().get("/docs");
    let policy: Vec<&str> = reply
        .header("content-security-policy")
        .split("; ")
        .collect();
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(&rule), "{policy:?}");
    }
    let mut hosts = policy.iter().filter(|rule| rule.contains("//"));
    assert_eq!(hosts.next(), None);
    let script = crick.stranger().get("/docs/start.js");
    let script = String::from_utf8(script.body).expect("UTF-8");
    assert!(script.contains("url: \"/openapi.json\"") && !script.contains("://"));
}

#[test]
fn the_document_has_watsons_routes_where_the_operator_has_put_them() {
    let crick = Crick::start_with(Engine::sqlite(), &["--watson-path", "/time"]);
    let document = crick.stranger().get("/openapi.json").json();
    let paths = document["paths"].as_object().expect("paths");
    assert!(
        paths.contains_key("/time/frames/bulk"),
        "{:?}",
        paths.keys()
    );
    assert!(paths.keys().all(|path| !path.starts_with("/watson/")));
}
