//! Requests in which another one is hidden, and what a second request on the same connection comes to.

use super::case::{Case, FIVE, HOST, chunks, get, post};
use super::verdict::Expected::{BothSucceed, LastOf, NoSecond, NothingSmuggled};

/// A request that is hidden in a body.
fn hidden() -> String {
    get("")
}

/// A push that is chunked and has a length, with another request behind its last chunk.
fn ambiguous(length: &str, coding: &str, hidden: &str) -> String {
    let body = format!("0\r\n\r\n{hidden}");
    let length = length.replace('N', &body.len().to_string());
    post(&format!("Content-Length: {length}\r\n{coding}\r\n"), &body)
}

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = hidden_requests();
    cases.extend(left_over_bytes());
    cases
}

fn hidden_requests() -> Vec<Case> {
    let chunked = "Transfer-Encoding: chunked";
    let get_behind = |name, length: &str, coding: &str| {
        Case::new(name, ambiguous(length, coding, &hidden()), NoSecond)
    };
    let head = format!("HEAD /livez HTTP/1.1\r\n{HOST}\r\n");
    let sized = format!("GET /livez HTTP/1.1\r\n{HOST}Content-Length: 7\r\n\r\n");
    let size = format!("{:x}", sized.len());
    let in_chunk = format!("{size}\r\n{sized}\r\n0\r\n\r\n");
    let by_prefix = format!(
        "Transfer-Encoding: chunked\r\nContent-Length: {}\r\n",
        size.len() + 2
    );
    let behind_first = format!("PING{}", hidden());
    let two_lengths = format!(
        "Content-Length: 4\r\nContent-Length: {}\r\n",
        behind_first.len()
    );
    vec![
        get_behind("GET behind the last chunk", "N", chunked),
        get_behind("the same with a plus sign in the length", "+N", chunked),
        get_behind("the same with a letter in the length", "Nx", chunked),
        get_behind(
            "the same with a folded coding",
            "N",
            "Transfer-Encoding:\r\n chunked",
        ),
        get_behind(
            "the same with a blank behind chunked",
            "N",
            "Transfer-Encoding: chunked ",
        ),
        get_behind(
            "the same with a comma before chunked",
            "N",
            "Transfer-Encoding: , chunked",
        ),
        get_behind("the same with Chunked", "N", "Transfer-Encoding: Chunked"),
        get_behind(
            "the same with two codings",
            "N",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        ),
        Case::new(
            "HEAD behind the last chunk",
            ambiguous("N", chunked, &head),
            NoSecond,
        ),
        Case::new(
            "GET in a chunk, behind the length",
            post(&by_prefix, &in_chunk),
            NoSecond,
        ),
        Case::new(
            "GET behind the shorter of two lengths",
            post(&two_lengths, &behind_first),
            NoSecond,
        ),
    ]
}

fn left_over_bytes() -> Vec<Case> {
    let both = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n";
    let reversed = "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n";
    let short = "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n";
    let long = "Transfer-Encoding: chunked\r\nContent-Length: 30\r\n";
    let cut = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n";
    let folded = "Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n";
    let prefix = format!("GET /livez HTTP/1.1\r\n{HOST}");
    let with_prefix = format!(
        "{}{prefix}",
        get(&format!("Content-Length: {}\r\n", prefix.len()))
    );
    let options = |fields: &str| format!("OPTIONS /livez HTTP/1.1\r\n{HOST}{fields}\r\n{FIVE}");
    let expecting = post("Expect: 100-continue\r\nContent-Length: 5\r\n", FIVE);
    vec![
        Case::new(
            "a request after chunked and a length",
            post(both, "0\r\n\r\n"),
            NoSecond,
        )
        .then_get(),
        Case::new(
            "a request after a length and chunked",
            post(reversed, "0\r\n\r\n"),
            NoSecond,
        )
        .then_get(),
        Case::new(
            "a byte behind the last chunk",
            post(short, "0\r\n\r\nX"),
            NoSecond,
        )
        .then_get(),
        Case::new(
            "the last chunk before the length is over",
            post(long, "0\r\n\r\nX"),
            NoSecond,
        )
        .then_get(),
        Case::new(
            "a length that ends in the last chunk",
            post(cut, "0\r\n\r\n"),
            NoSecond,
        )
        .then_get(),
        Case::new("OPTIONS with a folded coding", options(folded), NoSecond).then_get(),
        Case::new("a byte behind a bad size", chunks("+0\r\n\r\nX"), NoSecond).then_get(),
        Case::new(
            "half a request in the body of a GET",
            with_prefix,
            NothingSmuggled,
        )
        .then(format!("\r\n{}", get(""))),
        // The byte begins the next request, whose method is then XGET.
        Case::new(
            "a byte behind an empty body",
            post("Content-Length: 0\r\n", "X"),
            LastOf(&[400, 405]),
        )
        .then_get(),
        Case::new(
            "a body of GET, then a request",
            format!("{}{FIVE}", get("Content-Length: 5\r\n")),
            NothingSmuggled,
        )
        .then_get(),
        Case::new(
            "a body of OPTIONS, then a request",
            options("Content-Length: 5\r\n"),
            NothingSmuggled,
        )
        .then_get(),
        Case::new(
            "a body that did not wait for 100, then a request",
            expecting,
            NothingSmuggled,
        )
        .then_get(),
        Case::new("two plain requests", get(""), BothSucceed).then_get(),
        Case::new(
            "two plain requests at once",
            format!("{}{}", get(""), get("")),
            BothSucceed,
        ),
    ]
}
