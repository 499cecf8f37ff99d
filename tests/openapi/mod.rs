//! The OpenAPI document is true: it is the one in the repository, and its examples are what a server answers.
//!
//! `CRICK_REFRESH=1 cargo test openapi::` writes the document, and the answers of the examples, anew; again, after a
//! build, where a new operation has an example.

mod examples;
mod golden;
mod world;

/// Whether files are to be written anew instead of compared.
fn refreshes() -> bool {
    std::env::var_os("CRICK_REFRESH").is_some()
}

/// A file of the repository.
fn file(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
