//! The acceptance: the real Watson client, old and new, on several devices.

mod device;
mod first_day;
mod household;
mod install;
mod odd_frames;
mod relay;
mod reports;
mod rows;
mod shared_token;
mod table;
