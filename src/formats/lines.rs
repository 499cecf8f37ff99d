//! Line numbers of byte positions.

/// Counts the lines of a text as an editor does: a line ends with LF, CRLF or CR.
pub(super) struct Lines<'a> {
    text: &'a [u8],
    /// The position up to which lines are counted.
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Starts at line 1.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    /// The line of a byte, which must not precede the last requested one.
    pub(super) fn line_of(&mut self, byte: usize) -> u64 {
        while self.at < byte.min(self.text.len()) {
            let is_end = match self.text[self.at] {
                b'\r' => self.text.get(self.at + 1) != Some(&b'\n'),
                letter => letter == b'\n',
            };
            self.line += u64::from(is_end);
            self.at += 1;
        }
        self.line
    }

    /// The line after the line ends at a byte.
    pub(super) fn line_after_ends(&mut self, byte: usize) -> u64 {
        let rest = self.text.get(byte..).unwrap_or_default();
        let ends = rest
            .iter()
            .take_while(|letter| matches!(letter, b'\r' | b'\n'));
        let ends = ends.count();
        self.line_of(byte + ends)
    }
}
