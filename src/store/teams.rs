//! Teams: their members, the projects that each member shares, and invitations.

mod answer;
mod edit;
pub(super) mod invitations;
mod lock;
mod members;
mod shares;
pub(super) mod team;
