//! Which frames a pull returns, and how far they have been read.

use uuid::Uuid;

use crate::store::User;
use crate::store::sync::exclusive::Selection;

/// The number of frames of one page.
pub(super) const PAGE: usize = 2_000;

/// The frames of a pull that have not been read yet. [`Store::pull_page`] reads the next ones.
///
/// [`Store::pull_page`]: crate::store::Store::pull_page
#[derive(Clone, Debug)]
pub struct Pull {
    pub(super) user: User,
    pub(super) rest: Rest,
    /// Whether a page may be read as one value.
    pub(super) is_packed: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Rest {
    /// Frames with sequence numbers after one and up to another, without those of one writer, in
    /// the order of these numbers.
    Delta {
        after: i64,
        upto: i64,
        except: Option<Uuid>,
    },
    /// All frames with sequence numbers up to one, in the order of their start: Watson's commands
    /// count by position.
    All {
        upto: i64,
        after: Place,
    },
    /// Any selection for a device, in the order of their start.
    Selected {
        token_id: Uuid,
        writer: Uuid,
        selection: Selection,
        after: Place,
    },
    Nothing,
}

/// A frame's place in the order of start and id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) start_at: i64,
    pub(super) id: Uuid,
}

impl Place {
    /// Before every frame.
    pub(super) const FIRST: Self = Self {
        start_at: i64::MIN,
        id: Uuid::nil(),
    };
}

impl Pull {
    pub(super) fn new(user: &User, rest: Rest) -> Self {
        Self {
            user: user.clone(),
            rest,
            is_packed: true,
        }
    }

    pub(super) fn all(user: &User, upto: i64) -> Self {
        let after = Place::FIRST;
        Self::new(user, Rest::All { upto, after })
    }

    /// A hint at the number of frames of the next page.
    #[must_use]
    pub fn expected(&self) -> usize {
        match self.rest {
            Rest::Delta { after, upto, .. } => {
                usize::try_from(upto - after).map_or(0, |frames| frames.min(PAGE))
            }
            Rest::All { .. } | Rest::Selected { .. } | Rest::Nothing => 0,
        }
    }

    /// Whether every page has been read.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }
}
