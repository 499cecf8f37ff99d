//! The real Watson client. `tests/watson/run` tests how several devices sync, with every release.

mod device;
mod first_day;
mod install;
mod odd_frames;
mod reports;
mod restored_database;
