//! `openapi` prints the document of the repository, which a test beside the handlers (`src/api/openapi/generate.rs`)
//! holds to what they say.

use std::fs;

use super::file;
use crate::support::{run, server_command};

#[test]
fn the_program_prints_the_document_of_the_repository() {
    let printed = run(server_command().arg("openapi")).succeeded().stdout;
    let kept = fs::read_to_string(file("docs/openapi.json")).expect("the document");
    assert!(
        kept == printed,
        "docs/openapi.json is not what `crick-api-server openapi` prints"
    );
}
