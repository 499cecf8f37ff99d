//! Reports optional programs that are missing, such as PostgreSQL, or fails if they are required.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;

/// The lines that have been printed: each is printed once per run.
static ANNOUNCED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Reports that a part of the tests is skipped because `thing` is missing.
///
/// `CRICK_TEST_REQUIRE=postgres,watson` makes it a failure.
pub(crate) fn missing(thing: &str, skipped: &str, reason: &str) {
    let required = std::env::var("CRICK_TEST_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name.trim() == thing),
        "CRICK_TEST_REQUIRE names {thing}, but it is missing: {reason}"
    );
    announce(&format!("SKIPPED: {skipped}: {reason}"));
}

/// Prints a line once, without the test runner's capture.
pub(crate) fn announce(line: &str) {
    let mut announced = ANNOUNCED.lock().expect("no test panics while it announces");
    if announced.insert(line.to_owned()) {
        // The test runner captures what the macros print.
        let mut stderr = std::io::stderr().lock();
        writeln!(stderr, "\n{line}").expect("stderr takes a line");
    }
}
