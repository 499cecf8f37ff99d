//! The real Watson client, old and new. How several devices sync is tested by `tests/watson/run`, on every version.

mod device;
mod first_day;
mod install;
mod odd_frames;
mod reports;
mod restored_database;
