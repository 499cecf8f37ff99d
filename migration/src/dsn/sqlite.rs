//! The address of a SQLite database: `sqlite:/PATH`, `sqlite:///PATH` or `sqlite::memory:`.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::DsnError;

/// The name of a database in memory.
const MEMORY: &str = ":memory:";
/// The end of an address whose file must exist.
pub(super) const NOT_CREATED: &str = "?mode=rw";

/// Parses the text after `sqlite:`, and returns the URL for the driver, which would open an address
/// without a file in memory.
pub(super) fn parse(address: &str) -> Result<String, DsnError> {
    let (path, parameters) = address.split_once('?').unwrap_or((address, ""));
    let path = path.strip_prefix("//").unwrap_or(path);
    let mut creates_file = true;
    for (key, value) in form_urlencoded::parse(parameters.as_bytes()) {
        match (&*key, &*value) {
            ("mode", "rwc") => creates_file = true,
            ("mode", "rw") => creates_file = false,
            ("mode", other) => return Err(DsnError::Mode(other.to_owned())),
            (other, _) => return Err(DsnError::UnknownParameter(other.to_owned())),
        }
    }
    if path == MEMORY {
        return Ok(format!("sqlite:{MEMORY}"));
    }
    let path = percent_decode_str(path).decode_utf8();
    let path = path.map_err(|_| DsnError::NotUtf8)?;
    if path.contains(char::is_control) {
        return Err(DsnError::ControlCharacter);
    }
    if path.trim().is_empty() || path.ends_with('/') {
        return Err(DsnError::NoFile);
    }
    Ok(url(&path, creates_file))
}

/// The URL of a file. The driver strips prefixes like `sqlite:` and `//` repeatedly.
pub(super) fn url(path: &str, creates_file: bool) -> String {
    let path = match path.trim_start_matches('/') {
        rest if rest.len() < path.len() => format!("/{rest}"),
        _ if path.starts_with("sqlite:") || path == MEMORY => format!("./{path}"),
        relative => relative.to_owned(),
    };
    let path = path.replace('%', "%25").replace('?', "%3F");
    let end = if creates_file { "" } else { NOT_CREATED };
    format!("sqlite:{path}{end}")
}

/// The file in a URL from [`url`], after `sqlite:`.
pub(super) fn file(address: &str) -> Option<PathBuf> {
    let path = address.split('?').next().unwrap_or(address);
    let path = percent_decode_str(path).decode_utf8_lossy();
    (address != MEMORY).then(|| PathBuf::from(path.as_ref()))
}
