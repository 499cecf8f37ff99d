//! Operation of the programs: starting, stopping, crashes, settings, the schema and tokens.

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
