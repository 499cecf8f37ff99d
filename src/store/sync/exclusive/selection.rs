//! Which frames a pull returns, in terms of sequence numbers.

use serde::{Deserialize, Serialize};

/// Sequence numbers after the first and up to the second.
pub(crate) type SeqRange = (i64, i64);

/// Ranges of sequence numbers, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ranges(pub(crate) Vec<SeqRange>);

/// A choice among the user's frames with sequence numbers up to `upto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Frames of others after this number are sent.
    pub(crate) others_after: i64,
    /// The device's own frames after this number are sent; `None`: none of them.
    pub(crate) own_after: Option<i64>,
    /// The device's own frames in these ranges are not sent.
    pub(crate) except: Ranges,
    /// Frames owed to the sync with this number are sent in any case.
    pub(crate) owed_to: Option<i64>,
    pub(crate) upto: i64,
}

#[cfg(test)]
impl Ranges {
    pub(super) fn contains(&self, seq: i64) -> bool {
        (self.0.iter()).any(|(from, to)| (from + 1..=*to).contains(&seq))
    }
}

impl Selection {
    /// Whether these are all frames of the user.
    pub(in crate::store::sync) fn is_everything(&self) -> bool {
        self.others_after == 0 && self.own_after == Some(0) && self.except.0.is_empty()
    }

    /// Whether these are only frames of others.
    pub(in crate::store::sync) fn is_delta(&self) -> bool {
        self.own_after.is_none() && self.owed_to.is_none()
    }

    /// Whether a frame of the device itself with this sequence number is sent even if it is not
    /// owed.
    #[cfg(test)]
    pub(super) fn has_own(&self, seq: i64) -> bool {
        self.own_after.is_some_and(|own| seq > own) && !self.except.contains(seq)
    }
}
