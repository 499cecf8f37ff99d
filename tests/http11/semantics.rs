//! Methods, upgrades, expectations, ranges, conditions, cookies, and what every response has.

use super::case::{Case, FIVE, HOST, get, post, post_by};
use super::verdict::Expected::{NoUpgrade, RefusalOr, Status, Success, SuccessAndClose};

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = methods();
    cases.extend(connections());
    cases.extend(fields());
    cases.extend(cookies());
    cases
}

fn by(method: &str, fields: &str) -> String {
    format!("{method} /livez HTTP/1.1\r\n{HOST}{fields}\r\n")
}

fn methods() -> Vec<Case> {
    let secret = "Authorization: Bearer secret-of-mine\r\n";
    vec![
        Case::new("HEAD", by("HEAD", ""), Success),
        Case::new(
            "HEAD with a body",
            format!("{}{FIVE}", by("HEAD", "Content-Length: 5\r\n")),
            RefusalOr(&[200]),
        ),
        Case::new("OPTIONS", by("OPTIONS", ""), Status(&[204])),
        Case::new(
            "OPTIONS with a body",
            format!("{}{FIVE}", by("OPTIONS", "Content-Length: 5\r\n")),
            RefusalOr(&[204]),
        ),
        Case::new("TRACE", by("TRACE", ""), Status(&[405, 501])),
        Case::new(
            "TRACE with a body",
            format!("{}{FIVE}", by("TRACE", "Content-Length: 5\r\n")),
            Status(&[400, 405, 501]),
        ),
        Case::new(
            "TRACE with a token",
            by("TRACE", secret),
            Status(&[405, 501]),
        ),
        Case::new(
            "an unknown method",
            by("FOOBAR", ""),
            Status(&[400, 405, 501]),
        ),
        Case::new(
            "DELETE where there is none",
            by("DELETE", ""),
            Status(&[405]),
        ),
    ]
}

fn connections() -> Vec<Case> {
    let socket = "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let version = |number: u8| format!("{socket}Sec-WebSocket-Version: {number}\r\n");
    let upgrade = |fields: &str| format!("Connection: Upgrade\r\n{fields}");
    let old = format!("GET /livez HTTP/1.0\r\n{HOST}{}\r\n", upgrade(&version(13)));
    vec![
        Case::new(
            "Connection: close",
            get("Connection: close\r\n"),
            SuccessAndClose,
        ),
        Case::new(
            "HTTP/1.0 ends the connection",
            format!("GET /livez HTTP/1.0\r\n{HOST}\r\n"),
            SuccessAndClose,
        ),
        Case::new(
            "an upgrade by POST",
            post(&upgrade(&version(13)), ""),
            NoUpgrade,
        ),
        Case::new(
            "an upgrade without Connection",
            get(&version(13)),
            NoUpgrade,
        ),
        Case::new(
            "an upgrade to an unknown protocol",
            get(&upgrade("Upgrade: made-up/1.0\r\n")),
            NoUpgrade,
        ),
        Case::new(
            "an upgrade of an unknown version",
            get(&upgrade(&version(99))),
            NoUpgrade,
        ),
        Case::new("an upgrade in HTTP/1.0", old, NoUpgrade),
        Case::new(
            "an unknown expectation",
            get("Expect: 200-ok\r\n"),
            Status(&[417]),
        ),
        Case::new(
            "a body that does not wait for 100",
            post("Expect: 100-continue\r\nContent-Length: 5\r\n", FIVE),
            Success,
        ),
        Case::new(
            "an expectation in HTTP/1.0",
            post_by(
                "HTTP/1.0",
                "Expect: 100-continue\r\nContent-Length: 5\r\n",
                FIVE,
            ),
            NoUpgrade,
        ),
    ]
}

fn fields() -> Vec<Case> {
    let ranges = vec!["0-"; 1_000].join(",");
    let types = "Content-Length: 5\r\nContent-Type: text/plain\r\nContent-Type: text/html\r\n";
    let document = |fields: &str| format!("GET /openapi.json HTTP/1.1\r\n{HOST}{fields}\r\n");
    vec![
        Case::new(
            "a range of a push",
            post("Content-Length: 5\r\nRange: bytes=0-10\r\n", FIVE),
            Success,
        ),
        Case::new(
            "a range that is none",
            get("Range: bytes=abc-xyz\r\n"),
            Status(&[200, 416]),
        ),
        Case::new(
            "a thousand ranges",
            get(&format!("Range: bytes={ranges}\r\n")),
            Status(&[200, 400, 416]),
        ),
        Case::new(
            "a type that nobody accepts",
            get("Accept: application/x-nonsense\r\n"),
            Status(&[200, 406]),
        ),
        Case::new(
            "a push of an unknown type",
            post(
                "Content-Length: 5\r\nContent-Type: application/x-nonsense\r\n",
                FIVE,
            ),
            Status(&[201, 415]),
        ),
        Case::new("a push of two types", post(types, FIVE), RefusalOr(&[201])),
        Case::new(
            "If-None-Match: *",
            document("If-None-Match: *\r\n"),
            Status(&[304]),
        ),
        Case::new(
            "If-None-Match with a tag that is none",
            document("If-None-Match: abc\r\n"),
            Status(&[200]),
        ),
        Case::new(
            "If-Modified-Since in the future",
            document("If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT\r\n"),
            Status(&[200]),
        ),
        Case::new(
            "If-Modified-Since that is no date",
            document("If-Modified-Since: soon\r\n"),
            Status(&[200]),
        ),
    ]
}

/// The page asks for the cookie, and sends whoever has none to sign in.
fn cookies() -> Vec<Case> {
    let page = |fields: &str| format!("GET /dashboard/frames HTTP/1.1\r\n{HOST}{fields}\r\n");
    let pairs: Vec<String> = (0..1_000).map(|at| format!("k{at}=v")).collect();
    let sent_away: &[u16] = &[303];
    vec![
        Case::new(
            "a cookie of somebody else",
            page("Cookie: foo=bar\r\n"),
            Status(sent_away),
        ),
        Case::new(
            "three cookies",
            page("Cookie: a=1; b=2; c=3\r\n"),
            Status(sent_away),
        ),
        Case::new(
            "cookies in two fields",
            page("Cookie: a=1\r\nCookie: crick=2\r\n"),
            Status(sent_away),
        ),
        Case::new(
            "an empty field of cookies",
            page("Cookie: \r\n"),
            Status(sent_away),
        ),
        Case::new(
            "an empty cookie",
            page("Cookie: crick=\r\n"),
            Status(sent_away),
        ),
        Case::new(
            "a cookie of signs",
            page("Cookie: ===;;;\r\n"),
            Status(sent_away),
        ),
        Case::new(
            "a cookie with blanks",
            page("Cookie: crick=hello world; b=x=y\r\n"),
            Status(sent_away),
        ),
        Case::new(
            "a cookie with NUL",
            page("Cookie: crick=\0x\r\n"),
            RefusalOr(&[]),
        ),
        Case::new(
            "a cookie with control characters",
            page("Cookie: crick=\x01\x02\r\n"),
            RefusalOr(&[]),
        ),
        Case::new(
            "a thousand cookies",
            page(&format!("Cookie: {}\r\n", pairs.join("; "))),
            RefusalOr(&[303, 431]),
        ),
        Case::new(
            "a cookie of 64 KiB",
            page(&format!("Cookie: crick={}\r\n", "x".repeat(65_536))),
            RefusalOr(&[303, 431]),
        ),
    ]
}
