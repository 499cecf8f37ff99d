//! A frame of a push that cannot be stored, and is set aside so that its user can fix it.

/// The most refused frames of one push. A list with more is refused as a whole.
pub const MOST_REFUSED_FRAMES: usize = 1_000;

/// A frame that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedFrame {
    /// Its place in the list, from 0.
    pub index: usize,
    /// Its id as 32 hexadecimal digits, as Watson shows it; another text as it was sent, shortened;
    /// `None` without one.
    pub id: Option<String>,
    /// What it is, so that its user recognizes it: project and start, or the beginning of its JSON.
    pub description: String,
    /// Why; the text completes the sentence "frame 3 is refused: …".
    pub reason: String,
}
