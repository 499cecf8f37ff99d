//! Where a body ends: `Content-Length` and `Transfer-Encoding`.

use super::case::{Case, FIVE, TEN, get, post, post_by};
use super::verdict::Expected::{
    Patience, Refusal, RefusalOr, RefusalOrClose, RefusalRather, Status, Success,
};

/// The cases.
pub(super) fn cases() -> Vec<Case> {
    let mut cases = lengths();
    cases.extend(codings());
    cases
}

/// A push of five bytes with this `Content-Length`.
fn length(value: &str) -> String {
    post(&format!("Content-Length:{value}\r\n"), FIVE)
}

fn lengths() -> Vec<Case> {
    let long = format!("[{}]", " ".repeat(198));
    vec![
        Case::new("a body of its length", length(" 5"), Success),
        Case::new(
            "no body of no length",
            post("Content-Length: 0\r\n", ""),
            Status(&[400]),
        ),
        Case::new("no body and no length", post("", ""), Status(&[400])),
        Case::new(
            "a body shorter than its length",
            post("Content-Length: 10\r\n", FIVE),
            Patience,
        ),
        Case::new(
            "a huge length without a body",
            post("Content-Length: 999999999\r\n", ""),
            Patience,
        ),
        Case::new("a length in letters", length(" abc"), Refusal),
        Case::new("a length with a plus sign", length(" +5"), Refusal),
        Case::new("a negative length", length(" -1"), Refusal),
        Case::new("a length of -0", length(" -0"), Refusal),
        Case::new(
            "a length beyond 64 bits",
            length(" 99999999999999999999"),
            Refusal,
        ),
        Case::new("an empty length", length(" "), Refusal),
        Case::new("an octal length", length(" 0o5"), Refusal),
        Case::new("a hexadecimal length", length(" 0x5"), Refusal),
        Case::new(
            "an underscore in a length",
            post("Content-Length: 1_0\r\n", TEN),
            Refusal,
        ),
        Case::new(
            "a blank in a length",
            post("Content-Length: 1 0\r\n", TEN),
            Refusal,
        ),
        Case::new("a length with leading zeros", length(" 005"), RefusalRather),
        Case::new(
            "a length that is another one in octal",
            post("Content-Length: 0200\r\n", &long),
            RefusalRather,
        ),
        Case::new(
            "a length of 00",
            post("Content-Length: 00\r\n", ""),
            Status(&[400]),
        ),
        Case::new("a blank behind a length", length(" 5 "), RefusalRather),
        Case::new("two blanks before a length", length("  5"), RefusalRather),
        Case::new("a tab before a length", length("\t5"), RefusalRather),
        Case::new(
            "two different lengths",
            post("Content-Length: 5\r\nContent-Length: 10\r\n", TEN),
            Refusal,
        ),
        Case::new("two lengths in one field", length(" 5, 10"), Refusal),
        Case::new(
            "the same length twice in one field",
            length(" 5, 5"),
            RefusalRather,
        ),
        Case::new(
            "the same length three times in one field",
            length(" 5, 5, 5"),
            RefusalRather,
        ),
        Case::new(
            "a blank before the colon of a length",
            post("Content-Length: 5\r\nContent-Length : 9\r\n", FIVE),
            Refusal,
        ),
        Case::new(
            "a length with an underscore in its name",
            post("Content-Length: 5\r\nContent_Length: 99\r\n", FIVE),
            RefusalOr(&[201]),
        ),
        Case::new(
            "GET with a body",
            format!("{}{FIVE}", get("Content-Length: 5\r\n")),
            RefusalOr(&[200]),
        ),
    ]
}

/// A push of five bytes with this field about the coding, and a length.
fn coded(field: &str) -> String {
    post(&format!("{field}\r\nContent-Length: 5\r\n"), FIVE)
}

fn codings() -> Vec<Case> {
    let twice = "Transfer-Encoding: chunked, chunked\r\n";
    let fields = "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n";
    let body = "5\r\n[   ]\r\n0\r\n\r\n";
    vec![
        Case::new("chunked twice in one field", post(twice, body), Refusal),
        Case::new("chunked twice in two fields", post(fields, body), Refusal),
        Case::new(
            "gzip, then chunked",
            post("Transfer-Encoding: gzip, chunked\r\n", body),
            RefusalOr(&[501]),
        ),
        Case::new(
            "chunked is not the last coding",
            post("Transfer-Encoding: chunked, gzip\r\n", body),
            Refusal,
        ),
        Case::new(
            "an unknown coding alone",
            post("Transfer-Encoding: gzip\r\n", ""),
            RefusalOr(&[501]),
        ),
        Case::new(
            "a coding in HTTP/1.0",
            post_by("HTTP/1.0", "Transfer-Encoding: chunked\r\n", body),
            Refusal,
        ),
        Case::new(
            "chunked and a length",
            post(
                &format!(
                    "Content-Length: {}\r\nTransfer-Encoding: chunked\r\n",
                    body.len()
                ),
                body,
            ),
            RefusalOrClose,
        ),
        Case::new(
            "xchunked and a length",
            coded("Transfer-Encoding: xchunked"),
            RefusalOr(&[501]),
        ),
        Case::new(
            "identity and a length",
            coded("Transfer-Encoding: identity"),
            RefusalOr(&[501]),
        ),
        Case::new(
            "an empty coding and a length",
            coded("Transfer-Encoding: "),
            Refusal,
        ),
        Case::new(
            "a blank behind chunked, and a length",
            coded("Transfer-Encoding: chunked "),
            RefusalOr(&[501]),
        ),
        Case::new(
            "a blank before the colon of a coding",
            coded("Transfer-Encoding : chunked"),
            Refusal,
        ),
        Case::new(
            "Chunked and a length",
            coded("Transfer-Encoding: Chunked"),
            RefusalOrClose,
        ),
        Case::new(
            "a comma before chunked",
            coded("Transfer-Encoding: , chunked"),
            RefusalOrClose,
        ),
        Case::new(
            "a comma behind chunked",
            coded("Transfer-Encoding: chunked,"),
            RefusalOrClose,
        ),
        Case::new(
            "a tab before chunked",
            coded("Transfer-Encoding:\tchunked"),
            RefusalOrClose,
        ),
        Case::new(
            "a vertical tab before chunked",
            coded("Transfer-Encoding: \x0bchunked"),
            Refusal,
        ),
        Case::new(
            "a form feed before chunked",
            coded("Transfer-Encoding: \x0cchunked"),
            Refusal,
        ),
        Case::new(
            "NUL behind chunked",
            coded("Transfer-Encoding: chunked\0"),
            Refusal,
        ),
        Case::new(
            "a folded coding",
            coded("Transfer-Encoding:\r\n chunked"),
            RefusalOrClose,
        ),
        Case::new(
            "chunked and identity in two fields",
            coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
            Refusal,
        ),
        Case::new(
            "chunked with a parameter",
            coded("Transfer-Encoding: chunked;x=y"),
            RefusalOr(&[501]),
        ),
        Case::new(
            "a coding with an underscore in its name",
            coded("Transfer_Encoding: chunked"),
            RefusalOr(&[201]),
        ),
        Case::new(
            "a coding in capitals and a length",
            post("Content-Length: 5\r\nTRANSFER-ENCODING: chunked\r\n", FIVE),
            RefusalOrClose,
        ),
    ]
}
