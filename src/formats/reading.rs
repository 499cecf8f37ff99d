//! What reading a file comes to: the frames in it, and the lines that hold none.

use std::collections::HashMap;

use jiff::Timestamp;
use uuid::{Uuid, uuid};

use crate::model::Frame;

/// The most refusals that are told one by one; the others are counted.
const MOST_REFUSALS: usize = 100;

/// The names of frames that came without one are made in here.
const NAMESPACE: Uuid = uuid!("5d4fc6c1-7a5e-4f6c-9d0e-3c8d0a4f2b67");

/// The frames of a file with the lines on which they stand, and what was refused.
#[derive(Debug, Default)]
pub struct Reading {
    /// In the file's order.
    pub frames: Vec<(u64, Frame)>,
    /// How many frames were refused.
    pub refused: u64,
    /// The first of the refusals, at most 100, in the file's order.
    pub refusals: Vec<Refusal>,
}

/// A line that holds no frame that can be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Counted from 1; in a JSON list, the place in the list.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// The text is not of the format at all; why.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct NotThisFormat(pub String);

impl Reading {
    /// Takes what stands on a line, or notes why not.
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

    /// Leaves one frame of each id: the last, as in a push. The others are refused, unless they are the same; answers how
    /// many were.
    pub fn leave_last_of_each_id(&mut self) -> u64 {
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

/// The id of a frame that came without one: always the same for the same content, so that reading a file again makes no
/// new frames (RFC 9562, version 5).
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
    fn of_one_id_the_last_frame_counts_and_the_others_are_refused_unless_they_are_the_same() {
        let mut reading = Reading::default();
        for (line, id, project) in [(2, 1, "old"), (3, 2, "x"), (4, 1, "new"), (5, 1, "new")] {
            reading.add(line, Ok(frame(id, project)));
        }
        assert_eq!(reading.leave_last_of_each_id(), 1);
        let kept: Vec<u64> = reading.frames.iter().map(|(line, _)| *line).collect();
        assert_eq!(kept, [3, 5]);
        assert_eq!(reading.refused, 1);
        assert_eq!(reading.refusals[0].line, 2);
        assert_eq!(reading.leave_last_of_each_id(), 0, "done already");
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
