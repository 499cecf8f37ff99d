//! What an operator does with the programs and relies on: starting, stopping, crashing, settings, schema, tokens.

mod administration;
mod backup;
mod closed_outputs;
mod config;
mod crash;
mod database_restart;
mod first_start;
mod frames_files;
mod full_disk;
mod interrupted_import;
mod log;
mod migrations;
mod overlap;
mod preconditions;
mod restored;
mod roles;
mod routes_logged;
mod schema_refusals;
mod secrets;
mod statements;
mod stop;
mod tls;
mod tokens;
mod write_ahead_log;
mod wrong_settings;
