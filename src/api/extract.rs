//! What handlers take from a request: bodies, dates, names and the formats that a client accepts.

pub(super) mod accept;
pub(super) mod body;
pub(super) mod dates;
pub(super) mod feed_address;
pub(super) mod json_body;
pub(super) mod json_object;
pub(super) mod last_sync;
pub(super) mod names;
pub(super) mod tag_list;
