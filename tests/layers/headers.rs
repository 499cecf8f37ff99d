//! What browsers are told about every answer.

use crate::support::{Crick, Engine};

#[test]
fn every_answer_has_the_security_headers_and_an_identifier() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    for (method, path, status) in [
        ("GET", "/projects", 200),
        ("HEAD", "/projects", 200),
        ("OPTIONS", "/projects", 204),
        ("GET", "/livez", 200),
        ("DELETE", "/users/me", 403),
        ("GET", "/nothing", 404),
        ("DELETE", "/projects", 405),
    ] {
        let reply = laptop.request(method, path, &[]);
        assert_eq!(reply.status, status, "{method} {path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), value, "{method} {path}");
        }
        assert_ne!(reply.header("x-request-id"), "", "{method} {path}");
    }
}

#[test]
fn json_is_answered_whatever_the_client_would_accept() {
    let crick = Crick::start(Engine::sqlite());
    let laptop = crick.device("laptop");
    for accept in ["text/html", "application/json;q=0", "nonsense", ""] {
        let reply = laptop.request("GET", "/projects", &[("Accept", accept)]);
        assert_eq!(reply.status, 200, "{accept}");
        assert_eq!(reply.header("content-type"), "application/json", "{accept}");
    }
}
