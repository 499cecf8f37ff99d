//! Frames as JSON of the wire protocol.

use serde_json::{Value, json};
use uuid::Uuid;

/// A frame as JSON, so that tests can make it invalid.
pub(crate) type FrameJson = Value;

/// A new frame of one hour of the project `apollo`, as Watson 2.1.0 sends it.
pub(crate) fn frame() -> FrameJson {
    json!({
        "id": Uuid::new_v4().urn().to_string(),
        "begin_at": "2026-03-01T10:00:00+00:00",
        "end_at": "2026-03-01T11:00:00+00:00",
        "project": "apollo",
        "tags": ["nasa"],
    })
}

/// Several new frames.
pub(crate) fn frames(count: usize) -> Vec<FrameJson> {
    (0..count).map(|_| frame()).collect()
}

/// Several new frames of one project.
pub(crate) fn batch(project: &str, count: usize) -> Vec<FrameJson> {
    let mut batch = frames(count);
    for frame in &mut batch {
        frame["project"] = json!(project);
    }
    batch
}

/// A new frame from one instant to another.
pub(crate) fn frame_of(start: &str, end: &str, project: &str, tags: &[&str]) -> FrameJson {
    json!({
        "id": Uuid::new_v4(), "start_at": start, "end_at": end, "project": project, "tags": tags,
    })
}
