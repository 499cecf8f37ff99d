//! The path of Watson's routes.

use super::error::{ConfigError, invalid};

/// The first segments of all other routes; a test compares them with the route table. `metrics` is
/// reserved because the nginx of the NixOS module serves nothing there.
pub const RESERVED: [&str; 15] = [
    "calendar",
    "dashboard",
    "docs",
    "frames",
    "frames.csv",
    "frames.ics",
    "frames.jsonl",
    "livez",
    "metrics",
    "openapi.json",
    "projects",
    "readyz",
    "reports",
    "teams",
    "users",
];

/// Checks the path, and removes slashes from its end.
pub(super) fn parse(text: &str) -> Result<String, ConfigError> {
    let path = text.trim_end_matches('/');
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let is_plain = |segment: &&str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        // Clients resolve dots before they send a request.
        !segment.is_empty() && ![".", ".."].contains(segment) && segment.chars().all(plain)
    };
    if !path.starts_with('/') || !segments.iter().all(is_plain) {
        return Err(invalid(
            "watson_path",
            "must begin with a slash, like /watson, and consist of letters, digits and -_.~",
        ));
    }
    let first = segments.first().copied().unwrap_or_default();
    if RESERVED.contains(&first) {
        return Err(invalid(
            "watson_path",
            &format!(
                "cannot be {path}: /{first} has a meaning of its own; choose another, like /watson"
            ),
        ));
    }
    Ok(path.to_owned())
}
