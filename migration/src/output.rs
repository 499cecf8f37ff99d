//! Standard output and standard error, which may have been closed: a program whose reader is gone
//! goes on with its work instead of panicking.

use std::io::{self, ErrorKind, Stderr, Write, stderr, stdout};

/// Writes a line to standard output. A reader that has seen enough is no failure.
///
/// # Errors
/// When it cannot be written for another reason, such as a full disk.
pub fn print_line(line: &str) -> io::Result<()> {
    match writeln!(stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Writes a line to standard error, if anybody reads it.
pub fn complain(line: &str) {
    // There is nowhere else to say so.
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

/// Standard error as the log writes to it: a line that cannot be written is dropped. The log would
/// otherwise report that on standard error, and panic.
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
