//! The tables as today's code sees them. Not API types: nothing here is serialized.
#![expect(
    unreachable_pub,
    reason = "sea-orm's derive makes its items as visible as the model"
)]

pub(super) mod api_token;
pub(super) mod identity;
pub(super) mod project;
pub(super) mod refused_frame;
pub(super) mod sync_cursor;
pub(super) mod user;
