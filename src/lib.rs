//! A server for the Watson time tracker.
//!
//! The modules, in the order in which a request meets them: [`cli`] is the command line and
//! [`config`] the settings; [`systemd`], [`log`] and [`metrics`] connect the process to its
//! surroundings; [`server`] accepts connections; [`http`] is what all routes share; [`api`] serves
//! programs, and [`dashboard`] people. Both call the [`store`], whose folders are `db` (connections
//! and statements), `accounts` (users, tokens, sessions), `frames`, `teams` and `sync` (Watson's
//! pull and push). The domain types are in [`model`]. `input` parses what clients send, [`formats`]
//! are the file formats of frames, [`oidc`] verifies tokens of an issuer, and [`sign_in`] decides
//! who may become a user.
//!
//! Architecture invariants, which `tests/architecture.rs` checks:
//! - `axum` and `hyper` appear only in `server`, `http`, `api`, `dashboard` and `cli::serve`, which
//!   joins them, and `hyper` in `oidc`. `sea_orm` appears only in `store` and in the crate
//!   `migration`, which depends on no other crate of ours.
//! - `formats` depends on `model`, `input` and the row types of `store` only. `input` depends on no
//!   other module, and `oidc` only on `config`.
//! - `api` and `dashboard` do not depend on each other, and `http` depends on neither.
//! - Every store method for a user's data takes a `&User` or `&Caller`, which only the store can
//!   construct.
//! - The configuration is read once and passed down as values. Only `config` and `systemd` read the
//!   environment.
//! - `StoreError` knows no HTTP status. `http::HttpError` maps its classes to one, logs the cause
//!   once, and never sends it.

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
