//! Text as it stands in doc comments: paragraphs, and code in backticks.

use maud::{Markup, html};

/// Paragraphs.
pub(super) fn paragraphs(text: &str) -> Markup {
    let paragraphs = text.split("\n\n").filter(|part| !part.trim().is_empty());
    html! { @for paragraph in paragraphs { p { (line(paragraph)) } } }
}

/// Text within a line.
pub(super) fn line(text: &str) -> Markup {
    html! {
        @for (at, part) in text.split('`').enumerate() {
            @if at % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A name or an address that may be broken before a dot or after a slash, rather than anywhere.
pub(super) fn breakable(name: &str) -> Markup {
    html! {
        @for (at, part) in name.split_inclusive('/').enumerate() {
            @if at > 1 { wbr; }
            @for (at, part) in part.split('.').enumerate() {
                @if at > 0 { wbr; "." }
                (part)
            }
        }
    }
}
