//! What a page says after something was done: a word in the address, for which there is a text here.

use maud::{Markup, html};

use super::parameters::{InvalidParameter, Parameters};

/// Something that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A team was made.
    Made,
    /// A team was changed.
    Changed,
    /// A team was deleted.
    Deleted,
    /// What somebody shares was changed.
    Shared,
    /// Somebody left a team.
    Left,
    /// Somebody joined a team.
    Joined,
    /// Somebody declined an invitation.
    Declined,
    /// Somebody was invited.
    Invited,
    /// An invitation was taken back.
    Withdrawn,
    /// A member was removed.
    Removed,
    /// A calendar feed was removed.
    FeedRemoved,
    /// A device's token was revoked.
    Revoked,
    /// A device will be sent everything again.
    Resent,
    /// The list of refused frames was cleared.
    RefusedCleared,
}

const ALL: [(Notice, &str, &str); 14] = [
    (Notice::Made, "made", "Team created."),
    (Notice::Changed, "changed", "Team updated."),
    (
        Notice::Deleted,
        "deleted",
        "Team deleted. Nothing is shared with it anymore.",
    ),
    (
        Notice::Shared,
        "shared",
        "Sharing updated, including past frames.",
    ),
    (
        Notice::Left,
        "left",
        "You left the team. It no longer sees your time.",
    ),
    (Notice::Joined, "joined", "You joined the team."),
    (Notice::Declined, "declined", "Invitation declined."),
    (Notice::Invited, "invited", "Invitation sent."),
    (Notice::Withdrawn, "withdrawn", "Invitation canceled."),
    (
        Notice::Removed,
        "removed",
        "Member removed. The team no longer sees their time.",
    ),
    (
        Notice::Revoked,
        "revoked",
        "Token revoked. It no longer works.",
    ),
    (
        Notice::Resent,
        "resent",
        "The device receives all frames at its next sync.",
    ),
    (
        Notice::RefusedCleared,
        "refused-cleared",
        "List cleared. A frame reappears if its device pushes it again.",
    ),
    (
        Notice::FeedRemoved,
        "feed-removed",
        "Feed deleted. Its address no longer works.",
    ),
];

impl Notice {
    /// Takes `notice`. A word that is not known, of another version of the program, says nothing.
    ///
    /// # Errors
    /// When it stands there twice.
    pub(super) fn take(parameters: &mut Parameters) -> Result<Option<Self>, InvalidParameter> {
        let word = parameters.one("notice")?;
        let known = ALL
            .iter()
            .find(|(_, known, _)| Some(*known) == word.as_deref());
        Ok(known.map(|(notice, ..)| *notice))
    }

    /// A page that then says so.
    pub(super) fn on(self, path: &str) -> String {
        let word = self.entry().map_or("", |(word, _)| word);
        format!("{path}?notice={word}")
    }

    /// What is said.
    pub(super) fn markup(notice: Option<Self>) -> Markup {
        let text = notice.and_then(Self::entry).map(|(_, text)| text);
        html! { @if let Some(text) = text { p.notice role="status" { (text) } } }
    }

    fn entry(self) -> Option<(&'static str, &'static str)> {
        let entry = ALL.iter().find(|(notice, ..)| *notice == self);
        entry.map(|(_, word, text)| (*word, *text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notice_leads_to_its_text() {
        for (notice, _, text) in ALL {
            let address = notice.on("/dashboard/teams");
            let query = address.split_once('?').expect("a query").1;
            let mut parameters = Parameters::parse(query).expect("parameters");
            let taken = Notice::take(&mut parameters).expect("a notice");
            assert_eq!(taken, Some(notice));
            assert!(Notice::markup(taken).into_string().contains(text));
        }
    }
}
