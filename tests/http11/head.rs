//! Request lines and header fields.

use super::case::{Case, HOST, get};
use super::verdict::Expected::{
    BadRequest, Patience, Refusal, RefusalOr, RefusalRather, Status, Success,
};

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = request_line();
    cases.extend(targets());
    cases.extend(hosts());
    cases.extend(fields());
    cases
}

/// A request with another request line.
fn line(line: &str) -> String {
    format!("{line}\r\n{HOST}\r\n")
}

fn request_line() -> Vec<Case> {
    vec![
        Case::new("a plain GET", get(""), Success),
        Case::new(
            "LF alone ends the request line",
            format!("GET /livez HTTP/1.1\n{HOST}\r\n"),
            RefusalRather,
        ),
        Case::new(
            "CR alone ends the request line",
            format!("GET /livez HTTP/1.1\r{HOST}\r\n"),
            BadRequest,
        ),
        Case::new(
            "two spaces after the method",
            line("GET  /livez HTTP/1.1"),
            RefusalRather,
        ),
        Case::new(
            "a tab after the method",
            line("GET\t/livez HTTP/1.1"),
            RefusalRather,
        ),
        Case::new("no target", line("GET HTTP/1.1"), Refusal),
        Case::new(
            "a space in the target",
            line("GET /li vez HTTP/1.1"),
            Refusal,
        ),
        Case::new("HTTP/0.9", "GET /livez\r\n", Patience),
        Case::new("HTTP/9.9", line("GET /livez HTTP/9.9"), RefusalOr(&[505])),
        Case::new(
            "HTTP/1.2",
            line("GET /livez HTTP/1.2"),
            RefusalOr(&[200, 505]),
        ),
        Case::new("HTTP/1", line("GET /livez HTTP/1"), Refusal),
        Case::new("HTTP/01.01", line("GET /livez HTTP/01.01"), Refusal),
        Case::new(
            "a space in the version",
            line("GET /livez HTTP/ 1.1"),
            Refusal,
        ),
        Case::new(
            "the version in lower case",
            line("GET /livez http/1.1"),
            Refusal,
        ),
        Case::new(
            "the method in lower case",
            line("get /livez HTTP/1.1"),
            Status(&[400, 405, 501]),
        ),
        Case::new(
            "empty lines before the request",
            format!("\r\n\r\n{}", get("")),
            RefusalRather,
        ),
        Case::new("blanks before the request", "   \r\n\r\n", Patience),
    ]
}

fn targets() -> Vec<Case> {
    vec![
        Case::new(
            "a fragment in the target",
            line("GET /livez#top HTTP/1.1"),
            RefusalRather,
        ),
        Case::new("* with GET", line("GET * HTTP/1.1"), Refusal),
        Case::new("* with OPTIONS", line("OPTIONS * HTTP/1.1"), Success),
        Case::new(
            "a whole URL",
            line("GET http://crick.example/livez HTTP/1.1"),
            Success,
        ),
        Case::new(
            "a whole URL of another host",
            line("GET http://other.example/livez HTTP/1.1"),
            RefusalOr(&[200]),
        ),
        Case::new(
            "a whole URL with a user",
            line("GET http://ada@crick.example/livez HTTP/1.1"),
            RefusalOr(&[200]),
        ),
        Case::new(
            "CONNECT",
            "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n",
            RefusalOr(&[405, 501]),
        ),
        Case::new("NUL in the target", line("GET /\0livez HTTP/1.1"), Refusal),
        Case::new(
            "UTF-8 in the target",
            line("GET /caf\u{e9} HTTP/1.1"),
            Refusal,
        ),
        Case::new(
            "overlong UTF-8 in the target",
            bytes(b"GET /\xc0\xaf HTTP/1.1\r\n"),
            Refusal,
        ),
        Case::new(
            "a backslash in the target",
            line("GET /live\\z HTTP/1.1"),
            RefusalOr(&[200, 404]),
        ),
        Case::new(
            "an encoded NUL in the target",
            line("GET /livez%00 HTTP/1.1"),
            RefusalOr(&[404]),
        ),
        Case::new(
            "encoded line ends in the target",
            line("GET /livez%0d%0aX:%20y HTTP/1.1"),
            RefusalOr(&[404]),
        ),
        Case::new(
            "a target of 7,900 bytes",
            line(&format!("GET /{} HTTP/1.1", "a".repeat(7_900))),
            Status(&[404]),
        ),
        Case::new(
            "a target of 100,000 bytes",
            line(&format!("GET /{} HTTP/1.1", "a".repeat(100_000))),
            RefusalOr(&[414, 431]),
        ),
        Case::new(
            "a method of 100,000 bytes",
            line(&format!("{} /livez HTTP/1.1", "A".repeat(100_000))),
            RefusalOr(&[414, 431, 501]),
        ),
    ]
}

/// A first line in bytes.
fn bytes(line: &[u8]) -> Vec<u8> {
    [line, HOST.as_bytes(), b"\r\n"].concat()
}

/// A request with these instead of a `Host`.
fn host(fields: &str) -> String {
    format!("GET /livez HTTP/1.1\r\n{fields}\r\n")
}

fn hosts() -> Vec<Case> {
    vec![
        Case::new("no Host", host(""), BadRequest),
        Case::new(
            "two different Hosts",
            host(&format!("{HOST}Host: other.example\r\n")),
            BadRequest,
        ),
        Case::new(
            "the same Host twice",
            host(&format!("{HOST}{HOST}")),
            BadRequest,
        ),
        Case::new(
            "a Host with a user",
            host("Host: ada@crick.example\r\n"),
            Refusal,
        ),
        Case::new(
            "a Host with a path",
            host("Host: crick.example/livez\r\n"),
            Refusal,
        ),
        Case::new(
            "two names in a Host",
            host("Host: crick.example, other.example\r\n"),
            Refusal,
        ),
        Case::new("an empty Host", host("Host: \r\n"), Refusal),
        Case::new(
            "a Host with a port that is none",
            host("Host: crick.example:http\r\n"),
            Refusal,
        ),
        Case::new(
            "a Host with a blank",
            host("Host: crick example\r\n"),
            Refusal,
        ),
        Case::new(
            "a Host with an IPv6 address and a port",
            host("Host: [::1]:7878\r\n"),
            Success,
        ),
        Case::new(
            "HTTP/1.0 without a Host",
            "GET /livez HTTP/1.0\r\n\r\n",
            RefusalOr(&[200]),
        ),
        Case::new(
            "HTTP/1.0 with two Hosts",
            format!("GET /livez HTTP/1.0\r\n{HOST}{HOST}\r\n"),
            BadRequest,
        ),
    ]
}

fn fields() -> Vec<Case> {
    let big = "b".repeat(100_000);
    let many: String = (0..10_000).map(|at| format!("X-{at}: y\r\n")).collect();
    vec![
        Case::new(
            "LF alone ends a field",
            "GET /livez HTTP/1.1\r\nHost: crick.example\nX: y\r\n\r\n".to_owned(),
            RefusalRather,
        ),
        Case::new("a folded field", get("X: y\r\n z\r\n"), BadRequest),
        Case::new("a blank before the colon", get("X : y\r\n"), BadRequest),
        Case::new("a field without a name", get(": y\r\n"), Refusal),
        Case::new("brackets in a name", get("X[y]: z\r\n"), Refusal),
        Case::new("a line without a colon", get("nothing\r\n"), Refusal),
        Case::new(
            "a blank line before the fields",
            format!("GET /livez HTTP/1.1\r\n \r\n{HOST}\r\n"),
            Refusal,
        ),
        Case::new("UTF-8 in a name", get("X-\u{eb}: y\r\n"), Refusal),
        Case::new("a tab in a name", get("Content\tLength: 99\r\n"), Refusal),
        Case::new("NUL in a value", get("X: y\0z\r\n"), Refusal),
        Case::new(
            "control characters in a value",
            get("X: \x07\x08\x0b\r\n"),
            Refusal,
        ),
        Case::new("CR alone in a value", get("X: y\rz\r\n"), Refusal),
        Case::new(
            "a value of 100,000 bytes",
            get(&format!("X: {big}\r\n")),
            RefusalOr(&[431]),
        ),
        Case::new(
            "a name of 100,000 bytes",
            get(&format!("{big}: y\r\n")),
            RefusalOr(&[431]),
        ),
        Case::new("10,000 fields", get(&many), RefusalOr(&[431])),
        Case::new(
            "fields without an end",
            format!("GET /livez HTTP/1.1\r\n{HOST}X: y"),
            Patience,
        ),
        Case::new("nothing at all", "", Patience),
        Case::new("random bytes", garbage(), Patience),
        Case::new(
            "the preface of HTTP/2",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            RefusalOr(&[505]),
        ),
    ]
}

/// Bytes of no protocol.
fn garbage() -> Vec<u8> {
    let next = |state: &mut u32| {
        *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((*state >> 24) as u8)
    };
    let mut state = 42;
    std::iter::from_fn(move || next(&mut state))
        .take(256)
        .collect()
}
