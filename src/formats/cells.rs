//! Cells of a CSV file with user input: names that a spreadsheet must not treat as formulas, and
//! lists.
//!
//! A cell that a spreadsheet would evaluate gets a leading apostrophe (OWASP, CSV injection). One
//! that already looks escaped gets another, so that removing one always restores the text.

use std::borrow::Cow;

/// The first characters of formulas in any spreadsheet, full-width forms included.
const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet might evaluate a cell, any leading apostrophes removed.
fn is_dangerous(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(DANGEROUS)
}

/// Escapes a text so that no spreadsheet evaluates it.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

/// Returns the text of an escaped cell.
pub(super) fn unescape(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_dangerous(text) => text,
        _ => cell,
    }
}

/// Joins a list into one cell, as a row of CSV: `a,b` or `"a, b",c`. The empty text is an empty
/// list, `""` a list of one empty text.
pub(super) fn join_list(texts: &[String]) -> String {
    let is_alone = texts.len() == 1;
    let items = texts.iter().enumerate().map(|(at, text)| {
        let is_special = text.contains([',', '"', '\r', '\n']);
        // Spaces after a comma are ignored, and one empty text is not an empty list.
        if is_special || at > 0 && text.starts_with(' ') || is_alone && text.is_empty() {
            Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
        } else {
            Cow::Borrowed(text.as_str())
        }
    });
    items.collect::<Vec<_>>().join(",")
}

/// Splits the list in a cell at commas and line ends, and ignores spaces after them, as people type
/// lists in spreadsheets. The crate `csv` would keep such a space, also before a quotation mark,
/// and drop a leading U+FEFF.
pub(super) fn split_list(cell: &str) -> Vec<String> {
    let mut list = Vec::new();
    let (mut item, mut is_quoted) = (String::new(), false);
    // Whether the item, and the line, are still empty.
    let (mut begins_item, mut begins_line, mut is_first) = (true, true, true);
    let mut letters = cell.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.next_if_eq(&'"').is_some() => item.push('"'),
            '"' if is_quoted => is_quoted = false,
            _ if is_quoted => item.push(letter),
            '"' if begins_item => is_quoted = true,
            ' ' if begins_item && !is_first => continue,
            ',' => list.push(std::mem::take(&mut item)),
            '\r' | '\n' if begins_line => (),
            '\r' | '\n' => list.push(std::mem::take(&mut item)),
            _ => item.push(letter),
        }
        let is_line_end = !is_quoted && matches!(letter, '\r' | '\n');
        begins_line = is_line_end;
        begins_item = is_line_end || !is_quoted && letter == ',';
        is_first = false;
    }
    if !begins_line {
        list.push(item);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_gets_an_apostrophe_and_loses_it_again() {
        for (text, cell) in [
            ("apollo", "apollo"),
            ("'quoted'", "'quoted'"),
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-x", "'-x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("''-", "'''-"),
            ("", ""),
        ] {
            assert_eq!(escape(text), cell);
            assert_eq!(unescape(cell), text);
        }
    }

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn lists_come_back_as_they_were() {
        let lists: [&[&str]; 14] = [
            &[],
            &[""],
            &["", ""],
            &["a"],
            &["a,b", "c"],
            &["\"", "'", ","],
            &["two\nlines", "\r\n"],
            &[" blank ", "\n"],
            &["a", " lead", "trail ", " "],
            &[" ", " ", ""],
            &["\u{feff}", "\u{feff}a", " \u{feff}"],
            &["\u{feff}a,b"],
            &["5\" disk", "say \"hi\""],
            &["\n", "\n"],
        ];
        for list in lists {
            let cell = join_list(&texts(list));
            assert_eq!(split_list(&cell), list, "{cell:?}");
        }
        assert_eq!(join_list(&texts(&["a", "b"])), "a,b");
        assert_eq!(join_list(&texts(&["a", " b"])), "a,\" b\"");
    }

    #[test]
    fn lists_are_read_as_people_write_them() {
        for (cell, list) in [
            ("moon, landing", &["moon", "landing"][..]),
            ("moon,  landing , crew", &["moon", "landing ", "crew"]),
            ("moon\nlanding,x", &["moon", "landing", "x"]),
            ("moon\r\n landing\n\n x\n", &["moon", "landing", "x"]),
            ("a, \"b, c\", d", &["a", "b, c", "d"]),
            ("a, \" b\"", &["a", " b"]),
            (" a, b", &[" a", "b"]),
            ("a,, b,", &["a", "", "b", ""]),
            ("a, \"\"", &["a", ""]),
            ("5\" disk, x", &["5\" disk", "x"]),
            ("\"a\"b, c", &["ab", "c"]),
            ("\u{feff}a, \"b\"", &["\u{feff}a", "b"]),
            ("\n", &[]),
        ] {
            assert_eq!(split_list(cell), list, "{cell:?}");
        }
    }
}
