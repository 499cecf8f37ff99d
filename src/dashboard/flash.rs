//! Flash messages: after an action, the redirect's query names a message that the page shows.

use maud::{Markup, html};

use super::parameters::{InvalidParameter, Parameters};

/// A message: its word in the query, and its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flash(&'static str, &'static str);

const ALL: [Flash; 14] = [
    Flash::TEAM_CREATED,
    Flash::TEAM_UPDATED,
    Flash::TEAM_DELETED,
    Flash::TEAM_JOINED,
    Flash::TEAM_LEFT,
    Flash::SHARING_UPDATED,
    Flash::INVITATION_SENT,
    Flash::INVITATION_CANCELED,
    Flash::INVITATION_DECLINED,
    Flash::MEMBER_REMOVED,
    Flash::FEED_DELETED,
    Flash::TOKEN_REVOKED,
    Flash::RESEND_SCHEDULED,
    Flash::REFUSED_CLEARED,
];

impl Flash {
    pub(super) const TEAM_CREATED: Self = Self("made", "Team created.");
    pub(super) const TEAM_UPDATED: Self = Self("changed", "Team updated.");
    pub(super) const TEAM_DELETED: Self = Self(
        "deleted",
        "Team deleted. Nothing is shared with it anymore.",
    );
    pub(super) const TEAM_JOINED: Self = Self("joined", "You joined the team.");
    pub(super) const TEAM_LEFT: Self =
        Self("left", "You left the team. It no longer sees your time.");
    pub(super) const SHARING_UPDATED: Self =
        Self("shared", "Sharing updated, including past frames.");
    pub(super) const INVITATION_SENT: Self = Self("invited", "Invitation sent.");
    pub(super) const INVITATION_CANCELED: Self = Self("withdrawn", "Invitation canceled.");
    pub(super) const INVITATION_DECLINED: Self = Self("declined", "Invitation declined.");
    pub(super) const MEMBER_REMOVED: Self = Self(
        "removed",
        "Member removed. The team no longer sees their time.",
    );
    pub(super) const FEED_DELETED: Self =
        Self("feed-removed", "Feed deleted. Its address no longer works.");
    pub(super) const TOKEN_REVOKED: Self = Self("revoked", "Token revoked. It no longer works.");
    pub(super) const RESEND_SCHEDULED: Self =
        Self("resent", "The device receives all frames at its next sync.");
    pub(super) const REFUSED_CLEARED: Self = Self(
        "refused-cleared",
        "List cleared. A frame reappears if its device pushes it again.",
    );

    /// Takes `notice`. Ignores unknown words, which another version may have sent.
    pub(super) fn take(parameters: &mut Parameters) -> Result<Option<Self>, InvalidParameter> {
        let word = parameters.take_one("notice")?;
        let flash = ALL.into_iter().find(|it| Some(it.0) == word.as_deref());
        Ok(flash)
    }

    /// The URL of a page with the message.
    pub(super) fn address(self, path: &str) -> String {
        format!("{path}?notice={}", self.0)
    }

    /// The message.
    pub(super) fn markup(flash: Option<Self>) -> Markup {
        html! { @if let Some(Self(_, text)) = flash { p.notice role="status" { (text) } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_shows_its_message() {
        for flash in ALL {
            let address = flash.address("/dashboard/teams");
            let query = address.split_once('?').expect("a query").1;
            let mut parameters = Parameters::parse(query).expect("parameters");
            let taken = Flash::take(&mut parameters).expect("a message");
            assert_eq!(taken, Some(flash));
            assert!(Flash::markup(taken).into_string().contains(flash.1));
        }
    }
}
