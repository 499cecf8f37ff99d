//! The result of reading a file: its frames, and the refused lines.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::{Uuid, uuid};

use crate::model::Frame;

/// The maximum number of refusals that are listed; the others are counted.
const MOST_REFUSALS: usize = 100;

/// The UUID namespace of ids that are derived from content.
const NAMESPACE: Uuid = uuid!("5d4fc6c1-7a5e-4f6c-9d0e-3c8d0a4f2b67");

/// The frames of a file with their lines, and the refused lines.
#[derive(Debug, Default)]
pub struct Reading {
    /// Lines and frames in file order.
    pub frames: Vec<(u64, Frame)>,
    /// The number of refused frames.
    pub refused: u64,
    /// The first refusals in file order, at most 100.
    pub refusals: Vec<Refusal>,
}

/// A refused line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The line, or the position in a JSON list, from 1.
    pub line: u64,
    /// The reason.
    pub reason: String,
}

/// The text is not of the format; the reason.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct NotThisFormat(pub String);

impl Reading {
    /// Adds the frame of a line, or the reason for its refusal.
    pub(super) fn add(&mut self, line: u64, frame: Result<Frame, String>) {
        match frame {
            Ok(frame) => self.frames.push((line, frame)),
            Err(reason) => self.refuse(line, reason),
        }
    }

    fn refuse(&mut self, line: u64, reason: String) {
        self.refused += 1;
        if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push(Refusal { line, reason });
        }
    }

    /// Keeps the last frame of each id, as a push does. Equal frames are dropped, others refused.
    /// Returns the number of dropped ones.
    pub fn keep_last_of_each_id(&mut self) -> u64 {
        let lines = self.frames.iter().enumerate();
        let last: HashMap<Uuid, usize> = lines.map(|(at, (_, frame))| (frame.id, at)).collect();
        if last.len() == self.frames.len() {
            return 0;
        }
        let all = std::mem::take(&mut self.frames);
        let is_last = |at: usize, frame: &Frame| last[&frame.id] == at;
        let (mut same, mut refused) = (0, Vec::new());
        for (at, (line, frame)) in all.iter().enumerate() {
            let (other, chosen) = &all[last[&frame.id]];
            if is_last(at, frame) {
                continue;
            }
            if frame == chosen {
                same += 1;
            } else {
                refused.push((
                    *line,
                    format!("line {other} has the same id, and the last one counts"),
                ));
            }
        }
        for (line, reason) in refused {
            self.refuse(line, reason);
        }
        self.refusals.sort_by_key(|refusal| refusal.line);
        let kept = all.into_iter().enumerate();
        self.frames = kept
            .filter(|(at, (_, frame))| is_last(*at, frame))
            .map(|(_, numbered)| numbered)
            .collect();
        same
    }
}

/// The id of a frame without one, derived from its content, so that importing a file again creates
/// no new frames (RFC 9562, version 5).
pub(super) fn content_id(start: Timestamp, end: Timestamp, project: &str, tags: &[String]) -> Uuid {
    let instants = (start.as_microsecond(), end.as_microsecond());
    let content = serde_json::json!([instants, project, tags]).to_string();
    Uuid::new_v5(&NAMESPACE, content.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(id: u128, project: &str) -> Frame {
        let (start, end) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        Frame::new(
            Uuid::from_u128(id),
            start,
            end,
            project.to_owned(),
            Vec::new(),
        )
        .expect("a frame")
    }

    #[test]
    fn the_last_frame_of_an_id_is_kept_equal_ones_are_dropped_and_others_refused() {
        let mut reading = Reading::default();
        for (line, id, project) in [(2, 1, "old"), (3, 2, "x"), (4, 1, "new"), (5, 1, "new")] {
            reading.add(line, Ok(frame(id, project)));
        }
        assert_eq!(reading.keep_last_of_each_id(), 1);
        let kept: Vec<u64> = reading.frames.iter().map(|(line, _)| *line).collect();
        assert_eq!(kept, [3, 5]);
        assert_eq!(reading.refused, 1);
        assert_eq!(reading.refusals[0].line, 2);
        assert_eq!(reading.keep_last_of_each_id(), 0, "done already");
    }

    #[test]
    fn refusals_beyond_a_hundred_are_only_counted() {
        let mut reading = Reading::default();
        for line in 1..=150 {
            reading.add(line, Err("no".to_owned()));
        }
        assert_eq!((reading.refused, reading.refusals.len()), (150, 100));
    }
}
