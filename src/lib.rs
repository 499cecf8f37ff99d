//! The server behind the Watson time tracker.
//!
//! The modules in the order a request meets them: [`cli`] reads the command line and [`config`] the settings, [`log`],
//! [`metrics`] and [`systemd`] connect the process to its surroundings, [`server`] accepts connections, [`http`] stands
//! around all answers, [`api`] for programs and [`web`] for people turn requests into calls of the [`store`], which speaks in
//! the words of the [`model`]; `input` reads what clients send and says what is wrong with it; [`formats`] writes and reads
//! files of frames; [`oidc`] tells who issued a JSON web token, and [`sign_in`] who of them may become a user.
//!
//! Architecture invariants, kept by `tests/architecture.rs`:
//! - `hyper` and `axum` appear only in `server`, `http`, `api`, `dashboard` and `cli::serve`, which joins them, and
//!   `hyper` in `oidc`; `sea_orm` only in `store` and the crate `migration`, which depends on no other crate of ours.
//! - `formats` uses the words of `model`, the rows of `store` and `input`, and nothing else of ours; `input` uses nothing.
//! - `api` and `dashboard` do not know each other, and what `http` does for both knows neither.
//! - `oidc` uses `config` and nothing else of ours.
//! - Every method of the store that touches somebody's data takes a `&User` or `&Caller`, and only the store makes one.
//! - Configuration is read once and passed down as values; the environment is read in `config` and `systemd` only.
//! - Errors below HTTP (`StoreError`) know no status; `StoreError::failure` classifies them, and
//!   `http::HttpError` gives each class a status, logs the cause once, and never sends it.

pub mod api;
pub mod cli;
pub mod config;
pub mod dashboard;
pub mod formats;
pub mod http;
mod input;
pub mod log;
pub mod metrics;
pub mod model;
pub mod oidc;
pub mod server;
pub mod sign_in;
pub mod store;
pub mod systemd;
