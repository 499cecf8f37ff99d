//! Unusual names of projects and tags that programs tend to mishandle.

use proptest::prelude::*;

/// Names that have each revealed a bug. None is blank, so all are valid names of projects.
pub(crate) fn unusual_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "",
        " ",
        "\t",
        "\u{a0}",
        "apollo",
        "Apollo",
        "a, b",
        "a,b",
        ",",
        "a",
        "  lead",
        "trail  ",
        "\"quoted\"",
        "it's",
        "'",
        "\"",
        "\\",
        "%",
        "_",
        "%2C",
        "100%25",
        "+",
        "a+b",
        "a&b=c",
        "#1",
        "?",
        ";",
        "/",
        "..",
        "$1",
        "null",
        "[\"a\"]",
        "{}",
        "🚀",
        "👩‍🚀",
        "é",
        "e\u{301}",
        "ß",
        "ẞ",
        "\u{feff}",
        "\u{feff}bom",
        "\u{fffd}",
        "\u{2028}",
        "\u{202e}right to left",
        "\u{1}",
        "\u{7f}",
        "two\nlines",
        "two\r\nlines",
        "two\rlines",
        "<b>&amp;</b>",
    ]
    .map(str::to_owned)
    .into();
    names.push("x".repeat(512));
    names.push("🚀".repeat(512));
    names
}

/// Generates valid names of tags, mostly from characters with a special meaning.
pub(crate) fn any_name() -> impl Strategy<Value = String> {
    let signs = prop::string::string_regex("[ ,;\"'\\\\%+&=#?/$\\[\\]{}\r\n\t\u{feff}🚀éa]{0,8}");
    prop_oneof![signs.expect("a pattern"), any::<String>()]
        .prop_map(|name| name.replace('\0', "").chars().take(512).collect())
}

/// The name, percent-encoded for a URL.
pub(crate) fn encoded(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect()
}
