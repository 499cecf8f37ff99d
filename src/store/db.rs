//! Access to the database, below all tables.
//!
//! - `database` runs statements. On PostgreSQL, single statements reuse connections without a ping
//!   (`statement_pool`), and wait for a restart of the server (`restart`).
//! - `sql` and `bind` are for handwritten SQL: a statement for each engine, and lists as parameters.
//!   The reason why a file does not use the entities is in its first lines.
//! - Instants are microseconds of `clock`; secrets are stored as hashes (`secret`).

pub(super) mod bind;
pub(super) mod clock;
pub(super) mod database;
mod restart;
pub(super) mod row_pack;
pub(super) mod secret;
pub(super) mod sql;
mod statement_pool;
mod writable;
