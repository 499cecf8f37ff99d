//! What stands around every route: CORS, compression, what may be kept of an answer, limits.

mod caching;
mod compression;
mod cors;
mod headers;
mod rate_limit;
