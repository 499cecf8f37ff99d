//! The OpenAPI document is the one in the repository, and its examples are what a server returns.
//!
//! When it has changed: `CRICK_REFRESH=1 cargo test --test api openapi::` writes the responses of
//! the examples and the document, and does so again after a build, because the document shows them.

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
