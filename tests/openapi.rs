//! The OpenAPI document is true: it is the one in the repository, and its examples are what a server answers.
//!
//! `cargo test --lib openapi` says where the new document is when it has changed; then `CRICK_REFRESH=1 cargo test
//! openapi::` writes the answers of the examples, and the first is run once more, because they are shown in it.

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
