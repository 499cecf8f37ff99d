//! Teams: their members, the projects that each member shares, and invitations.
//!
//! - Nobody joins a team or shares anything with it without consent: a row of `team_members` or
//!   `team_shares` is written only on behalf of its user. Users whom an owner names are invited.
//! - A share names a project. The frames that a team sees are those of
//!   `team_members m JOIN team_shares s USING (team_id, user_id)
//!   JOIN team_projects tp ON (tp.team_id, tp.project) = (s.team_id, s.project)
//!   JOIN projects p ON p.user_id = m.user_id AND p.name = s.project`.
//! - Only the owner changes a team. To a user who is not a member, it does not exist.
//! - Every change takes the locks in the order that `lock.rs` states.

mod answer;
mod edit;
pub(super) mod invitations;
mod lock;
mod members;
mod shares;
pub(super) mod team;
