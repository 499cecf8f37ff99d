//! What stands around every route: what may be kept of an answer, limits.

mod caching;
mod rate_limit;
