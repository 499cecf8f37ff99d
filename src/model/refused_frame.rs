//! A frame of a push that cannot be stored, recorded so that its user can fix it.

/// The maximum number of refused frames of a push. A list with more is refused as a whole.
pub const MOST_REFUSED_FRAMES: usize = 1_000;

/// A frame that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedFrame {
    /// Its index in the list.
    pub index: usize,
    /// Its id as 32 hexadecimal digits, as Watson shows it; any other text as sent, shortened.
    pub id: Option<String>,
    /// What its user recognizes it by: project and start, or the beginning of its JSON.
    pub description: String,
    /// Completes a sentence such as "frame 3 is refused: …".
    pub reason: String,
}
