//! The tables as SeaORM entities. Instants are microseconds since 1970.
#![expect(
    unreachable_pub,
    reason = "sea-orm's derive makes its items as visible as the model"
)]

pub(super) mod api_token;
pub(super) mod calendar_feed;
pub(super) mod device_sync;
pub(super) mod frame;
#[allow(dead_code, reason = "only handwritten SQL reads and writes the table")]
pub(super) mod frame_sequence;
pub(super) mod identity;
#[allow(dead_code, reason = "only handwritten SQL reads and writes the table")]
pub(super) mod owed_frame;
#[allow(dead_code, reason = "only handwritten SQL reads and writes the table")]
pub(super) mod past_sync;
pub(super) mod project;
pub(super) mod refused_frame;
#[allow(dead_code, reason = "only handwritten SQL reads and writes the table")]
pub(super) mod restored_frame;
pub(super) mod sync_cursor;
pub(super) mod team;
pub(super) mod team_invitation;
pub(super) mod team_member;
pub(super) mod team_project;
pub(super) mod team_share;
pub(super) mod tombstone;
pub(super) mod user;
pub(super) mod web_session;
