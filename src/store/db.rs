//! Access to the database, below every table: connections, statements, parameters and packed rows.

pub(super) mod bind;
pub(super) mod clock;
pub(super) mod database;
mod restart;
pub(super) mod row_pack;
pub(super) mod secret;
pub(super) mod sql;
mod statement_pool;
mod writable;
