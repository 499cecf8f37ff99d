//! Bodies in chunks, and the fields behind them.

use super::case::{Case, chunks};
use super::verdict::Expected::{Patience, Refusal, RefusalOr, RefusalRather, Status, Success};

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = good_chunks();
    cases.extend(bad_chunks());
    cases.extend(trailers());
    cases
}

fn good_chunks() -> Vec<Case> {
    vec![
        Case::new("a chunk", chunks("5\r\n[   ]\r\n0\r\n\r\n"), Success),
        Case::new(
            "two chunks",
            chunks("2\r\n[ \r\n3\r\n  ]\r\n0\r\n\r\n"),
            Success,
        ),
        Case::new(
            "a size in capitals",
            chunks("A\r\n[        ]\r\n0\r\n\r\n"),
            Success,
        ),
        Case::new(
            "a chunk with an extension",
            chunks("5;x=y\r\n[   ]\r\n0\r\n\r\n"),
            Success,
        ),
        Case::new(
            "a trailer",
            chunks("5\r\n[   ]\r\n0\r\nX-Sum: 1\r\n\r\n"),
            Success,
        ),
        // Without a list of frames there is nothing to push.
        Case::new(
            "no chunk but the last one",
            chunks("0\r\n\r\n"),
            Status(&[400]),
        ),
        Case::new("no last chunk", chunks("5\r\n[   ]\r\n"), Patience),
    ]
}

fn bad_chunks() -> Vec<Case> {
    let bad = |name, size: &str| {
        Case::new(
            name,
            chunks(&format!("{size}\r\n[   ]\r\n0\r\n\r\n")),
            Refusal,
        )
    };
    let long = format!("5;x={}", "y".repeat(65_536));
    vec![
        bad("a size with 0x", "0x5"),
        bad("a size with a plus sign", "+5"),
        bad("a negative size", "-1"),
        bad("a size with an underscore", "1_0"),
        bad("a blank before a size", " 5"),
        bad("a blank behind a size", "5 "),
        bad("a size beyond 64 bits", "FFFFFFFFFFFFFFFF0"),
        bad("no size", ""),
        bad("a semicolon without an extension", "5;"),
        bad("an extension whose name is no token", "5;x[=y"),
        bad("NUL in an extension", "5;\0x"),
        bad("CR alone in an extension", "5;x\ry"),
        Case::new(
            "LF alone behind an extension",
            chunks("5;\n[   ]\r\n0\r\n\r\n"),
            RefusalRather,
        ),
        Case::new(
            "an extension of 64 KiB",
            chunks(&format!("{long}\r\n[   ]\r\n0\r\n\r\n")),
            RefusalRather,
        ),
        Case::new(
            "CR alone behind a size",
            chunks("5\r[   ]\r\n0\r\n\r\n"),
            Refusal,
        ),
        Case::new(
            "a chunk that is longer than its size",
            chunks("5\r\n[   ]  \r\n0\r\n\r\n"),
            Refusal,
        ),
        Case::new(
            "a chunk without its end",
            chunks("5\r\n[   ]0\r\n\r\n"),
            Refusal,
        ),
        Case::new(
            "LF alone behind a chunk",
            chunks("5\r\n[   ]\n0\r\n\r\n"),
            RefusalRather,
        ),
        Case::new(
            "LF alone at the end of the body",
            chunks("5\r\n[   ]\r\n0\r\n\n"),
            Patience,
        ),
    ]
}

/// Fields that a trailer must not have are no fields of the request.
fn trailers() -> Vec<Case> {
    let trailer = |name, field: &str| {
        let body = format!("5\r\n[   ]\r\n0\r\n{field}\r\n\r\n");
        Case::new(name, chunks(&body), RefusalOr(&[201]))
    };
    vec![
        trailer("a length in a trailer", "Content-Length: 50"),
        trailer("a coding in a trailer", "Transfer-Encoding: chunked"),
        trailer("a Host in a trailer", "Host: other.example"),
        trailer("a token in a trailer", "Authorization: Token wrong"),
        trailer("a type in a trailer", "Content-Type: text/plain"),
    ]
}
