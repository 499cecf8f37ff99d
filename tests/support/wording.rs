//! Text that a message to a client must not contain: error messages of Rust libraries and
//! databases.

/// Fragments of what serde, serde_json, csv, jiff, uuid, url, axum, hyper, sqlx and the databases
/// say.
const FORBIDDEN: &[&str] = &[
    "::",
    "invalid type",
    "invalid value",
    "invalid length",
    "invalid digit",
    "found in string",
    "cannot parse",
    "failed to parse",
    "parsing failed",
    "parse error",
    "expected struct",
    "expected tuple",
    "tuple struct",
    "newtype",
    "expected value",
    "expected `",
    "expected one of `",
    "expected ident",
    "a sequence",
    "a map",
    "unit struct",
    "unknown field `",
    "unknown variant",
    "missing field",
    "duplicate field",
    "deserialize",
    "at line ",
    "at column ",
    "EOF while",
    "trailing characters",
    "trailing comma",
    "key must be",
    "surrogate",
    "control character (",
    "recursion limit",
    "invalid escape",
    "unicode code point",
    "number out of range",
    "urn:uuid",
    "uuid",
    "optional prefix",
    "group count",
    "simple format",
    "utf-8 sequence",
    "Utf8Error",
    "CSV error",
    "(line: ",
    "byte: ",
    "serde",
    "u8",
    "u16",
    "u32",
    "u64",
    "i64",
    "f64",
    "usize",
    "Option<",
    "None",
    "Some(",
    "Err(",
    "panicked",
    "sqlx",
    "sqlite",
    "SQL",
    "near \"",
    "constraint failed",
    "violates",
    "relation \"",
    "hyper",
    "axum",
    "jiff",
];

/// Checks that a message does not quote a library.
#[track_caller]
pub(crate) fn assert_plain(message: &str, of: &str) {
    assert!(!message.trim().is_empty(), "{of}: nothing is said");
    for fragment in FORBIDDEN {
        // A message may quote what the client has sent.
        assert!(
            !message.contains(fragment),
            "{of}: {fragment:?} in {message:?}"
        );
    }
    assert!(message.chars().count() < 800, "{of}: {message:?}");
}
