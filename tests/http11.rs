//! HTTP/1.1 by the byte: the cases of Http11Probe (a public test of HTTP servers), in our own words and
//! at our own addresses, each with what RFC 9110 and RFC 9112 let a server do. Directly, and through nginx.
//!
//! The score is printed, and stands in the README. A case that ends in another way than it is known to
//! makes the test fail, directly for the better too.

mod case;
mod chunks;
mod exchange;
mod framing;
mod head;
mod nginx;
mod semantics;
mod smuggling;
mod verdict;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use self::case::{Case, TOKEN};
use self::exchange::{Outcome, exchange};
use self::nginx::Nginx;
use self::verdict::{Verdict, judge};
use crate::support::{Engine, Server, announce, missing};

/// What hyper takes although the RFC does not allow it, and hides from us.
const DIRECT_FAILURES: &[&str] = &[
    "a blank behind a size",
    "a semicolon without an extension",
    "an extension whose name is no token",
    "NUL in an extension",
];
/// What hyper takes and the RFC lets it take.
const DIRECT_WARNINGS: &[&str] = &[
    "LF alone ends the request line",
    "empty lines before the request",
    "a fragment in the target",
    "LF alone ends a field",
    "a length with leading zeros",
    "a length that is another one in octal",
    "a blank behind a length",
    "two blanks before a length",
    "a tab before a length",
    "chunked and a length",
];
/// What nginx takes, or refuses with another status; it leaves out fields that it cannot read.
const NGINX_FAILURES: &[&str] = &[
    "* with OPTIONS",
    "brackets in a name",
    "a line without a colon",
    "UTF-8 in a name",
    "chunked twice in one field",
    "chunked is not the last coding",
    "an empty coding and a length",
    "a vertical tab before chunked",
    "a form feed before chunked",
    "a blank behind a size",
    "a semicolon without an extension",
    "an extension whose name is no token",
    "NUL in an extension",
    "LF alone at the end of the body",
    "an unknown expectation",
];
/// What nginx takes and the RFC lets it take.
const NGINX_WARNINGS: &[&str] = &[
    "LF alone ends the request line",
    "two spaces after the method",
    "empty lines before the request",
    "a fragment in the target",
    "LF alone ends a field",
    "a length with leading zeros",
    "a length that is another one in octal",
    "a blank behind a length",
    "two blanks before a length",
    "LF alone behind an extension",
    "an extension of 64 KiB",
    "LF alone behind a chunk",
];

/// Requests at once.
const THREADS: usize = 8;

fn cases() -> Vec<Case> {
    let all = [
        head::cases(),
        framing::cases(),
        chunks::cases(),
        smuggling::cases(),
        semantics::cases(),
    ];
    let all: Vec<Case> = all.into_iter().flatten().collect();
    let names: BTreeSet<&str> = all.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), all.len(), "each name once");
    all
}

/// Every case at an address, and the response of each.
fn run(address: &str, token: &str) -> Vec<(Case, Outcome)> {
    let (cases, next) = (cases(), AtomicUsize::new(0));
    let outcomes = Mutex::new(Vec::new());
    let with_token = |request: &[u8]| -> Vec<u8> {
        let at = request
            .windows(TOKEN.len())
            .position(|it| it == TOKEN.as_bytes());
        at.map_or_else(
            || request.to_vec(),
            |at| {
                [
                    &request[..at],
                    token.as_bytes(),
                    &request[at + TOKEN.len()..],
                ]
                .concat()
            },
        )
    };
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let second = case.second.as_deref().map(with_token);
                    let outcome = exchange(address, &with_token(&case.first), second.as_deref());
                    outcomes
                        .lock()
                        .expect("outcomes")
                        .push((case.name, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("outcomes");
    let mut take = |name| {
        let at = outcomes.iter().position(|(other, _)| *other == name);
        outcomes.swap_remove(at.expect("an outcome")).1
    };
    cases
        .into_iter()
        .map(|case| (take(case.name), case))
        .map(|(outcome, case)| (case, outcome))
        .collect()
}

/// How many refusals are worded in JSON, have no body because hyper sent them, or are nginx' own pages.
#[derive(Default)]
struct Refusals {
    worded: usize,
    bare: usize,
    pages: usize,
}

/// Makes sure that what we refuse ourselves is refused in JSON, and counts.
fn count_refusals(outcomes: &[(Case, Outcome)]) -> Refusals {
    let responses = outcomes.iter().flat_map(|(case, outcome)| {
        let responses = outcome.responses.iter();
        responses.map(move |response| (case.name, response))
    });
    let mut refusals = Refusals::default();
    for (name, response) in responses.filter(|(_, response)| response.status >= 400) {
        if response.body.is_empty() {
            refusals.bare += 1;
        } else if response.head.contains("application/problem+json") {
            refusals.worded += 1;
            let problem: Value = serde_json::from_str(&response.body).expect("JSON");
            assert_eq!(problem["status"], response.status, "{name}");
        } else {
            assert!(
                response.head.contains("server: nginx"),
                "{name}: {response:?}"
            );
            refusals.pages += 1;
        }
    }
    refusals
}

/// The names of the cases that do not pass, and what came of them.
struct Score {
    warned: Vec<&'static str>,
    failed: Vec<&'static str>,
    details: String,
}

/// Prints the score.
fn score(way: &str, outcomes: &[(Case, Outcome)]) -> Score {
    let named = |wanted: Verdict| -> Vec<&'static str> {
        let judged = outcomes
            .iter()
            .filter(|(case, outcome)| judge(case.expected, outcome) == wanted);
        judged.map(|(case, _)| case.name).collect()
    };
    let refusals = count_refusals(outcomes);
    let (passed, warned, failed) = (
        named(Verdict::Pass),
        named(Verdict::Warn),
        named(Verdict::Fail),
    );
    announce(&format!(
        "HTTP/1.1 {way}: {} of {} cases pass, {} warn, {} fail; {} refusals in JSON, {} bare, {} pages",
        passed.len(),
        outcomes.len(),
        warned.len(),
        failed.len(),
        refusals.worded,
        refusals.bare,
        refusals.pages,
    ));
    let details: Vec<String> = outcomes
        .iter()
        .filter(|(case, _)| failed.contains(&case.name) || warned.contains(&case.name))
        .map(|(case, outcome)| {
            let statuses: Vec<u16> = outcome.responses.iter().map(|it| it.status).collect();
            format!(
                "{}: {:?}, {statuses:?}, closed: {}",
                case.name, case.expected, outcome.is_closed
            )
        })
        .collect();
    Score {
        warned,
        failed,
        details: details.join("\n"),
    }
}

/// Waits that end within a test.
const OPTIONS: [&str; 4] = ["--header-timeout", "1", "--request-timeout", "2"];

#[test]
fn every_request_is_treated_as_the_rfc_says() {
    let database = Engine::sqlite().migrated();
    database.add_user("alice");
    let token = database.create_token("alice", "laptop");
    let server = Server::start(&database, &OPTIONS);
    let score = score("directly", &run(&server.address, &token));
    assert_eq!(score.failed, DIRECT_FAILURES, "{}", score.details);
    assert_eq!(score.warned, DIRECT_WARNINGS, "{}", score.details);
}

#[test]
fn every_request_through_nginx_is_treated_as_the_rfc_says() {
    if !nginx::is_installed() {
        missing("nginx", "HTTP/1.1 through nginx", "no nginx");
        return;
    }
    let database = Engine::sqlite().migrated();
    database.add_user("alice");
    let token = database.create_token("alice", "laptop");
    let socket = database.path("http.sock");
    let listen = format!("unix:{}", socket.display());
    let _server = Server::start_at(&database, &listen, &OPTIONS);
    let nginx = Nginx::start(&socket);
    let score = score("through nginx", &run(&nginx.address, &token));
    // Other versions of nginx are stricter.
    let is_known = |name: &&str| NGINX_FAILURES.contains(name) || NGINX_WARNINGS.contains(name);
    assert!(
        score.failed.iter().all(|it| NGINX_FAILURES.contains(it)),
        "{}",
        score.details
    );
    assert!(score.warned.iter().all(is_known), "{}", score.details);
}
