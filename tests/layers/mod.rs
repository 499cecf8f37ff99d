//! What stands around every route: limits.

mod rate_limit;
