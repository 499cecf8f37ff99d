//! Tests of the real programs on SQLite and PostgreSQL. The name of each test states what holds.
//!
//! `cargo test --workspace` runs them all. Tests whose programs are missing are skipped with a
//! message, unless `CRICK_TEST_REQUIRE` lists the program: `postgres`, `watson`, `icalendar` or
//! `nginx`, separated by commas. PostgreSQL runs privately, on a socket in a temporary folder. The
//! real Watson is installed under `target/watson` with `python3 -m venv` and `pip`.

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
