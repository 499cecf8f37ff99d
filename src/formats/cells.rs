//! Cells of a CSV file that hold what people chose: names that a spreadsheet must not take for formulas, and lists.
//!
//! A cell that a spreadsheet would calculate gets an apostrophe in front, as OWASP's page on CSV injection says; one that
//! looks as if it had got one already gets another, so that taking one off always gives what was there before.

use std::borrow::Cow;

use csv::{ReaderBuilder, WriterBuilder};

/// What a formula begins with in one spreadsheet or another, full-width forms included.
const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a cell is, after any number of apostrophes, one that a spreadsheet might calculate.
fn is_dangerous(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(DANGEROUS)
}

/// A text as a cell that no spreadsheet calculates.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) {
        return Cow::Owned(format!("'{text}"));
    }
    Cow::Borrowed(text)
}

/// The text in a cell.
pub(super) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_dangerous(text) => text,
        _ => cell,
    }
}

/// A list as the text of one cell: itself a row of CSV, `a,b` or `"a, b",c`. An empty text is an empty list, `""` a list
/// of one empty text.
pub(super) fn joined(texts: &[String]) -> Result<String, csv::Error> {
    if texts.is_empty() {
        return Ok(String::new());
    }
    // A writer for each cell would cost more than all the rest of a row.
    if texts != [""]
        && !texts
            .iter()
            .any(|text| text.contains([',', '"', '\r', '\n']))
    {
        return Ok(texts.join(","));
    }
    let mut row = Vec::new();
    {
        let mut writer = WriterBuilder::new()
            .buffer_capacity(256)
            .from_writer(&mut row);
        writer.write_record(texts)?;
        writer.flush()?;
    }
    row.pop();
    Ok(String::from_utf8_lossy(&row).into_owned())
}

/// The list in a cell. Lines of it, which spreadsheets let people make, are taken one after the other.
pub(super) fn split(cell: &str) -> Result<Vec<String>, csv::Error> {
    if cell.is_empty() {
        return Ok(Vec::new());
    }
    // A reader for each cell would cost more than all the rest of a row.
    if !cell.contains(['"', '\r', '\n']) {
        return Ok(cell.split(',').map(str::to_owned).collect());
    }
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .buffer_capacity(256)
        .from_reader(cell.as_bytes());
    let mut list = Vec::new();
    for row in reader.into_records() {
        list.extend(row?.iter().map(str::to_owned));
    }
    Ok(list)
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
            assert_eq!(guarded(text), cell);
            assert_eq!(unguarded(cell), text);
        }
    }

    #[test]
    fn lists_come_back_as_they_were() {
        let lists: [&[&str]; 8] = [
            &[],
            &[""],
            &["", ""],
            &["a"],
            &["a,b", "c"],
            &["\"", "'", ","],
            &["two\nlines", "\r\n"],
            &[" blank ", "\n"],
        ];
        for list in lists {
            let list: Vec<String> = list.iter().map(|text| (*text).to_owned()).collect();
            let cell = joined(&list).expect("a cell");
            assert_eq!(split(&cell).expect("a list"), list, "{cell:?}");
        }
        assert_eq!(joined(&["a".into(), "b".into()]).expect("a cell"), "a,b");
        assert_eq!(
            split("moon\nlanding,x").expect("a list"),
            ["moon", "landing", "x"]
        );
    }
}
