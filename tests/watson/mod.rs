//! The acceptance: the real Watson client, old and new, on several devices.

mod device;
mod first_day;
mod household;
mod install;
mod relay;
mod reports;
mod restored_database;
mod rows;
mod shared_token;
mod table;
