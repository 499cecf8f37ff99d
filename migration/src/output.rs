//! Standard output and standard error, which may be closed: the program then continues instead of
//! panicking.

use std::io::{self, ErrorKind, Stderr, Write, stderr, stdout};

/// Writes a line to standard output. A closed pipe is not an error.
pub fn print_line(line: &str) -> io::Result<()> {
    match writeln!(stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line to standard error, unless it is closed.
pub fn complain(line: &str) {
    // An error cannot be reported anywhere.
    let _ = writeln!(stderr(), "{line}");
}

/// Why a text file cannot be read.
#[must_use]
pub fn explain_file(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::InvalidData => "it is not UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

/// Standard error for the log. Drops a line that cannot be written, because the log would otherwise
/// report the failure on standard error, and panic.
#[derive(Debug)]
pub struct LogWriter(Stderr);

impl LogWriter {
    /// Standard error.
    #[must_use]
    pub fn new() -> Self {
        Self(stderr())
    }
}

impl Default for LogWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}
