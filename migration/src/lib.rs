//! The database schema: one file per step, listed in [`steps`], applied by [`up`] and undone by
//! [`down`].
//!
//! SQLite and PostgreSQL have the same schema. Instants are `BIGINT` microseconds since
//! 1970-01-01T00:00:00Z, so that no engine, driver or session time zone changes their meaning.
//!
//! Architecture invariants: this crate depends on no other crate of ours and imports no entity, so
//! that old steps keep their meaning when the code changes. The SQL of a landed step never changes.
//! Every step has a `down`. Steps expand first and contract later, because old and new programs run
//! at the same time during a deploy.

mod connect;
mod dsn;
mod explain;
mod grant;
pub mod output;
mod preconditions;
mod runner;
mod state;
mod step;
mod tls;

mod m20261123_000001_users_and_tokens;
mod m20261123_000002_projects_and_frames;
mod m20261123_000003_sync;
mod m20261125_000004_people;
mod m20261125_000005_archived_projects;
mod m20261125_000006_teams;
mod m20261125_000007_long_frames;
mod m20261126_000008_calendar_feeds;
mod m20261126_000009_web_sessions;
mod m20261126_000010_projects_of_users;
mod m20261126_000011_frames_of_own_projects;
mod m20261126_000012_frames_checked;
mod m20261129_000013_exclusive_tokens;
mod m20261129_000014_frame_sequences;
mod m20261129_000015_device_syncs;
mod m20261129_000016_restored_frames;
mod m20261129_000020_refused_frames;

pub use connect::{PING_AFTER_IDLE, connect, find_connect_error};
pub use dsn::{Dsn, DsnError, Engine};
pub use explain::explain;
pub use grant::grant_to;
pub use preconditions::{CheckError, Precondition, check, check_tables};
pub use runner::{MigrateError, down, fresh, up};
pub use state::{SchemaState, applied, state};
pub use step::Step;

/// All steps, oldest first. The *level* of a program is the length of its list.
#[must_use]
pub fn steps() -> Vec<Step> {
    vec![
        Step::new(m20261123_000001_users_and_tokens::Migration, 1),
        Step::new(m20261123_000002_projects_and_frames::Migration, 1),
        Step::new(m20261123_000003_sync::Migration, 1),
        Step::new(m20261125_000004_people::Migration, 1),
        Step::new(m20261125_000005_archived_projects::Migration, 1),
        Step::new(m20261125_000006_teams::Migration, 1),
        Step::new(m20261125_000007_long_frames::Migration, 1),
        Step::new(m20261126_000008_calendar_feeds::Migration, 1),
        Step::new(m20261126_000009_web_sessions::Migration, 1),
        Step::new(m20261126_000010_projects_of_users::Migration, 1),
        Step::new(m20261126_000011_frames_of_own_projects::Migration, 1),
        Step::new(m20261126_000012_frames_checked::Migration, 1),
        Step::new(m20261129_000013_exclusive_tokens::Migration, 1),
        Step::new(m20261129_000014_frame_sequences::Migration, 1),
        Step::new(m20261129_000015_device_syncs::Migration, 1),
        Step::new(m20261129_000016_restored_frames::Migration, 1),
        Step::new(m20261129_000020_refused_frames::Migration, 1),
    ]
}
