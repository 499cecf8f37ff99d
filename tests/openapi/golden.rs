//! `openapi` prints the document of the repository, which is generated from the handlers.

use std::fs;

use super::{file, refreshes};
use crate::support::{run, server_command};

#[test]
fn the_program_prints_the_document_of_the_repository() {
    let printed = run(server_command().arg("openapi")).succeeded().stdout;
    if refreshes() {
        fs::write(file("docs/openapi.json"), &printed).expect("the document is written");
    }
    let kept = fs::read_to_string(file("docs/openapi.json")).expect("the document");
    assert!(
        kept == printed,
        "docs/openapi.json is outdated: run CRICK_REFRESH=1 cargo test --test api openapi::golden"
    );
}
