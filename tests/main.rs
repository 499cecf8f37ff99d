//! The promises of crick-api, kept by the real programs on SQLite and on PostgreSQL: each test is a sentence.
//!
//! `cargo test --workspace` runs them all. What a machine lacks is skipped with one line; `CRICK_TEST_REQUIRE`, a list of
//! `postgres`, `watson`, `icalendar` and `nginx` with commas, makes a failure of it. PostgreSQL is started privately, on a
//! socket in a temporary folder; the real Watson is installed under `target/watson` by `python3 -m venv` and `pip`.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod support;

mod api_frames;
mod api_projects;
mod api_users;
mod architecture;
mod contract;
mod dashboard;
mod delta;
mod docs;
mod exports;
mod http11;
mod layers;
mod oidc;
mod openapi;
mod operation;
mod reports;
mod sign_in;
mod teams;
mod watson;
mod wire;
