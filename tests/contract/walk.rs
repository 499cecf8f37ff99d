//! Every row of the table of routes: nothing without credentials, and nothing without the scope. A row that needs none and
//! is not known to makes a test fail with its name. What is somebody else's is in `somebody_else`.

use super::world::{names, operations};
use crate::support::{Api, Crick, Engine, Reply, on_both_engines};

on_both_engines![
    without_credentials_or_with_nonsense_every_operation_is_401,
    with_every_scope_but_its_own_every_operation_is_403,
    what_needs_no_credentials_is_known_and_answers_without,
];

/// What needs no credentials.
const PUBLIC: &[&str] = &[
    "GET /docs",
    "GET /livez",
    "GET /openapi.json",
    "GET /readyz",
];

/// What takes no credentials but an address that is a secret: without the secret there is nothing.
const BY_ADDRESS: &[&str] = &["GET /calendar/{token}"];

/// A request with a body that would do for most routes where the method has one.
fn ask(who: &Api, method: &str, address: &str, headers: &[(&str, &str)]) -> Reply {
    match method {
        "POST" | "PUT" | "PATCH" => who.request_with_body(method, address, headers, b"{}"),
        _ => who.request(method, address, headers),
    }
}

fn without_credentials_or_with_nonsense_every_operation_is_401(engine: Engine) {
    let crick = Crick::start(engine);
    let stranger = crick.stranger();
    let forged = "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
    for operation in operations(&crick).iter().filter(|it| it.scope.is_some()) {
        for address in operation.addresses() {
            let nothing = ask(&stranger, &operation.method, &address, &[]);
            for wrong in ["", "Token", "Token crick0", "Bearer crick0", forged] {
                let header = [("Authorization", wrong)];
                ask(&stranger, &operation.method, &address, &header).problem(401);
            }
            nothing.problem(401);
            assert!(!nothing.header("www-authenticate").is_empty(), "{address}");
            if operation.method == "GET" {
                assert_eq!(stranger.request("HEAD", &address, &[]).status, 401);
            }
        }
    }
}

fn with_every_scope_but_its_own_every_operation_is_403(engine: Engine) {
    let crick = Crick::start(engine);
    let of_scopes = |scopes: &str| {
        let create = ["token", "create", "alice", "--device", scopes];
        let ran = crick
            .database
            .crick(&[&create[..], &["--scopes", scopes]].concat());
        crick.with_token(ran.succeeded().stdout.trim())
    };
    let (not_sync, not_read, not_write) = (
        of_scopes("read,write"),
        of_scopes("sync,write"),
        of_scopes("sync,read"),
    );
    for operation in operations(&crick) {
        let lacking = match operation.scope.as_deref() {
            None => continue,
            Some("sync") => &not_sync,
            Some("read") => &not_read,
            Some("write") => &not_write,
            Some(other) => panic!("{}: what is {other}?", operation.name()),
        };
        for address in operation.addresses() {
            let detail = ask(lacking, &operation.method, &address, &[]).problem(403);
            let scope = operation.scope.as_deref().unwrap_or_default();
            assert!(detail.ends_with(scope), "{}: {detail}", operation.name());
        }
    }
    assert_eq!(not_write.get("/users/me").status, 200, "alice is there");
}

fn what_needs_no_credentials_is_known_and_answers_without(engine: Engine) {
    let crick = Crick::start(engine);
    let operations = operations(&crick);
    let open = names(operations.iter().filter(|it| it.scope.is_none()));
    let known = PUBLIC.iter().chain(BY_ADDRESS);
    assert_eq!(open, known.map(|name| (*name).to_owned()).collect());
    for operation in operations.iter().filter(|it| it.scope.is_none()) {
        for address in operation.addresses() {
            let reply = ask(&crick.stranger(), &operation.method, &address, &[]);
            if BY_ADDRESS.contains(&operation.name().as_str()) {
                reply.problem(404);
            } else {
                assert_eq!(reply.status, 200, "{address}");
            }
        }
    }
}
