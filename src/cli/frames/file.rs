//! Frames in files: Watson's own `frames` file, and JSON lines.

use std::io::Write;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::model::Frame;
use crate::store::PulledFrame;

/// A frame in Watson's file: start and stop in seconds since 1970, project, id, tags, last change. Files of old versions
/// end earlier.
#[derive(Deserialize)]
struct WatsonFrame(
    i64,
    i64,
    String,
    Uuid,
    #[serde(default)] Option<Vec<String>>,
    #[serde(default)]
    #[expect(dead_code, reason = "it has to be read over")]
    Option<serde::de::IgnoredAny>,
);

/// A frame on a line.
#[derive(Deserialize, Serialize)]
struct Line<T> {
    id: Uuid,
    start_at: Timestamp,
    end_at: Timestamp,
    project: String,
    tags: T,
}

/// Reads a whole file: a list is Watson's format, anything else JSON lines.
///
/// # Errors
/// Names the first frame, counted from 1, that is not in order.
pub(super) fn parse(text: &str) -> anyhow::Result<Vec<Frame>> {
    if text.trim_start().starts_with('[') {
        let frames: Vec<&RawValue> =
            serde_json::from_str(text).context("this is not a Watson frames file")?;
        return numbered(
            frames.into_iter().map(|raw| watson_frame(raw.get())),
            "frame",
        );
    }
    numbered(
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(line),
        "line",
    )
}

fn numbered(
    frames: impl Iterator<Item = anyhow::Result<Frame>>,
    what: &str,
) -> anyhow::Result<Vec<Frame>> {
    frames
        .enumerate()
        .map(|(at, frame)| frame.with_context(|| format!("{what} {}", at + 1)))
        .collect()
}

fn watson_frame(text: &str) -> anyhow::Result<Frame> {
    let WatsonFrame(start, stop, project, id, tags, _) = serde_json::from_str(text)?;
    let (start, stop) = (
        Timestamp::from_second(start)?,
        Timestamp::from_second(stop)?,
    );
    Ok(Frame::new(
        id,
        start,
        stop,
        project,
        tags.unwrap_or_default(),
    )?)
}

fn line(text: &str) -> anyhow::Result<Frame> {
    let line: Line<Vec<String>> = serde_json::from_str(text)?;
    Ok(Frame::new(
        line.id,
        line.start_at,
        line.end_at,
        line.project,
        line.tags,
    )?)
}

/// Appends a frame to a list in Watson's format, after a bracket or a comma.
pub(super) fn write_watson(
    out: &mut impl Write,
    frame: &PulledFrame,
    is_first: bool,
) -> anyhow::Result<()> {
    let tags: &RawValue = serde_json::from_str(&frame.tags)?;
    let (start, stop) = (frame.start_at.as_second(), frame.end_at.as_second());
    out.write_all(if is_first { b"[\n " } else { b",\n " })?;
    serde_json::to_writer(
        out,
        &(start, stop, &frame.project, frame.id.simple(), tags, stop),
    )?;
    Ok(())
}

/// Writes a frame as a line.
pub(super) fn write_line(out: &mut impl Write, frame: &PulledFrame) -> anyhow::Result<()> {
    let tags: &RawValue = serde_json::from_str(&frame.tags)?;
    let project = frame.project.clone();
    let line = Line {
        id: frame.id,
        start_at: frame.start_at,
        end_at: frame.end_at,
        project,
        tags,
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.write_all(b"\n")?;
    Ok(())
}
