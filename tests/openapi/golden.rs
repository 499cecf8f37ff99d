//! A change of the interface shows as a change of `docs/openapi.json`.

use std::fs;

use super::{file, refreshes};
use crate::support::{run, server_command};

#[test]
fn the_documents_copy_is_current() {
    let printed = run(server_command().arg("openapi")).succeeded().stdout;
    let copy = file("docs/openapi.json");
    if refreshes() {
        fs::write(&copy, &printed).expect("the copy is written");
    }
    let kept = fs::read_to_string(&copy).expect("the copy");
    assert!(
        kept == printed,
        "docs/openapi.json is not what `crick-api-server openapi` prints; see tests/openapi/mod.rs"
    );
}
