//! The import formats.

use jiff::tz::TimeZone;

use super::{NotThisFormat, Reading, csv_file, json_lines, watson_file};

/// A format that can be imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// Watson's own `frames` file.
    Watson,
    /// A table with a header row.
    Csv,
    /// A JSON object per line.
    JsonLines,
}

impl ImportFormat {
    /// Recognizes a file by its first character: `[` is Watson's list, `{` is JSON Lines. An empty
    /// file is JSON Lines without lines; Watson, too, reads it as a file without frames.
    #[must_use]
    pub fn guess(text: &str) -> Self {
        match text.trim_start().chars().next() {
            Some('[') => Self::Watson,
            None | Some('{') => Self::JsonLines,
            Some(_) => Self::Csv,
        }
    }

    /// Reads a whole file. CSV instants without an offset are local times in `zone`.
    ///
    /// # Errors
    /// When the text is not of this format.
    pub fn read(self, text: &str, zone: &TimeZone) -> Result<Reading, NotThisFormat> {
        match self {
            Self::Watson => watson_file::read(text),
            Self::Csv => csv_file::read(text, zone),
            Self::JsonLines => json_lines::read(text),
        }
    }
}

/// The text of a file, without a leading byte order mark.
///
/// # Errors
/// When it is not UTF-8.
pub fn decode(file: &[u8]) -> Result<&str, NotThisFormat> {
    let text =
        str::from_utf8(file).map_err(|_| NotThisFormat("the file is not UTF-8".to_owned()))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_recognized_after_a_byte_order_mark_and_white_space() {
        for (file, format) in [
            ("\u{feff}\n [[1]]", ImportFormat::Watson),
            ("", ImportFormat::JsonLines),
            ("\u{feff}{\"id\": 1}\n", ImportFormat::JsonLines),
            ("\u{feff}start,end,project\n", ImportFormat::Csv),
            ("\"start\",end,project\n", ImportFormat::Csv),
        ] {
            let text = decode(file.as_bytes()).expect("UTF-8");
            assert_eq!(ImportFormat::guess(text), format, "{file:?}");
        }
        assert!(decode(b"\xff").is_err());
    }
}
