//! Watson's protocol: routes, bodies, refusals. Nothing here depends on the order of syncs.

mod errors;
mod frames_in;
mod frames_out;
mod last_sync;
mod limits;
mod odd_frames;
mod refusals;
mod routes;
