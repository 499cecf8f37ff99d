//! One file per noun. A handler names the caller and the input, calls the store once, and builds
//! the response.

pub(super) mod calendar;
pub(super) mod docs;
pub(super) mod export;
pub(super) mod feeds;
pub(super) mod frame_json;
pub(super) mod frame_stream;
pub(super) mod frames;
pub(super) mod health;
pub(super) mod invitations;
pub(super) mod members;
pub(super) mod projects;
pub(super) mod reports;
pub(super) mod teams;
pub(super) mod tokens;
pub(super) mod users;
pub(super) mod watson;
pub(super) mod workloads;
