//! What a machine may lack (PostgreSQL, Watson): say so in one line, or fail when it was required.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Mutex;

/// Lines already announced: each is said once per run, however many tests meet it.
static ANNOUNCED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Says that a part of the run is skipped because `thing` is not here.
///
/// `CRICK_TEST_REQUIRE=postgres,watson` turns a missing thing into a failure.
pub(crate) fn missing(thing: &str, skipped: &str, reason: &str) {
    let required = std::env::var("CRICK_TEST_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|name| name.trim() == thing),
        "CRICK_TEST_REQUIRE names {thing}, but it is missing: {reason}"
    );
    announce(&format!("SKIPPED: {skipped}: {reason}"));
}

/// Prints a line past the test runner's capture, once.
pub(crate) fn announce(line: &str) {
    let mut announced = ANNOUNCED.lock().expect("no test panics while it announces");
    if announced.insert(line.to_owned()) {
        // The macros would be captured together with the output of passing tests.
        let mut stderr = std::io::stderr().lock();
        writeln!(stderr, "\n{line}").expect("stderr takes a line");
    }
}
