//! Syncs of several devices: every device ends with every frame, and no edit is undone.

mod concurrency;
mod concurrent_requests;
mod exclusive;
mod faults;
mod instances;
mod interleaving;
mod properties;
mod restored_database;
mod restored_tokens;
mod shared_token;
mod tombstones;
mod two_devices;
