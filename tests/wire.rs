//! What goes over the wire: routes, bodies, refusals. Nothing here depends on who synced when.

mod errors;
mod frames_in;
mod frames_out;
mod last_sync;
mod limits;
mod odd_frames;
mod refusals;
mod routes;
