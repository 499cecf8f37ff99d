//! Layers around the routes: access control, caching, CORS and limits of bodies.

pub(super) mod access;
pub(super) mod auth;
pub(super) mod caching;
pub(super) mod cors;
pub(super) mod layers;
pub(super) mod preload;
