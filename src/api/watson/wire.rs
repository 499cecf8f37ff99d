//! Frames and instants as they travel.

use std::fmt;

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimeParser;
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::api::ApiError;
use crate::model::Frame;
use crate::store::PulledFrame;

/// A frame as any client sends it: Watson up to 1.9 says `start_at`, from 1.10 `begin_at`. Unknown keys are ignored.
#[derive(Deserialize)]
struct Incoming {
    id: Option<String>,
    start_at: Option<String>,
    begin_at: Option<String>,
    end_at: Option<String>,
    project: Option<String>,
    tags: Option<Vec<String>>,
}

/// A frame as every client understands it.
#[derive(Serialize)]
struct Outgoing<'a> {
    id: Uuid,
    begin_at: Timestamp,
    start_at: Timestamp,
    end_at: Timestamp,
    project: &'a str,
    tags: &'a RawValue,
}

/// Appends a frame to a list.
pub(super) fn write_frame(out: &mut Vec<u8>, frame: &PulledFrame) -> Result<(), ApiError> {
    let damaged = |error: serde_json::Error| {
        tracing::error!(frame = %frame.id, %error, "stored tags are not JSON");
        ApiError::Internal
    };
    let outgoing = Outgoing {
        id: frame.id,
        begin_at: frame.start_at,
        start_at: frame.start_at,
        end_at: frame.end_at,
        project: &frame.project,
        tags: serde_json::from_str(&frame.tags).map_err(damaged)?,
    };
    serde_json::to_writer(out, &outgoing).map_err(damaged)
}

/// Reads the body of a push: a list of frames, or `null` for an empty one (a Go client's nothing).
///
/// # Errors
/// 400 when it is not JSON, or when one frame is not in order: that one is named.
pub(super) fn frames(body: &[u8]) -> Result<Vec<Frame>, ApiError> {
    let mut refusal = None;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let list = FrameList {
        refusal: &mut refusal,
    }
    .deserialize(&mut reader);
    match list.and_then(|frames| reader.end().map(|()| frames)) {
        Ok(frames) => Ok(frames),
        Err(error) => Err(refusal.unwrap_or_else(|| malformed(body, &error))),
    }
}

/// Reads frames one by one and stops at the first that is not in order, so that a list takes no more memory than the
/// frames in it.
struct FrameList<'a> {
    refusal: &'a mut Option<ApiError>,
}

impl<'de> DeserializeSeed<'de> for FrameList<'_> {
    type Value = Vec<Frame>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Vec<Frame>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FrameList<'_> {
    type Value = Vec<Frame>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of frames")
    }

    fn visit_unit<E>(self) -> Result<Vec<Frame>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Frame>, A::Error> {
        let mut frames = Vec::new();
        while let Some(incoming) = list.next_element::<Incoming>()? {
            let id = incoming.id.clone();
            match frame(incoming) {
                Ok(frame) => frames.push(frame),
                Err(reason) => {
                    *self.refusal = Some(refused(frames.len(), id.as_deref(), &reason));
                    return Err(serde::de::Error::custom("refused"));
                }
            }
        }
        Ok(frames)
    }
}

/// Finds the frame that spoils a list, for a better message than a line and a column.
fn malformed(body: &[u8], error: &serde_json::Error) -> ApiError {
    #[derive(Deserialize)]
    struct Id {
        id: Option<serde_json::Value>,
    }
    let Ok(list) = serde_json::from_slice::<Vec<&RawValue>>(body) else {
        return ApiError::BadRequest(format!("the body is not a JSON list of frames: {error}"));
    };
    for (at, text) in list.iter().enumerate() {
        if let Err(error) = serde_json::from_str::<Incoming>(text.get()) {
            let id = serde_json::from_str::<Id>(text.get())
                .ok()
                .and_then(|frame| frame.id);
            let id = id.as_ref().and_then(|id| id.as_str());
            return refused(at, id, &format!("it is not a frame: {error}"));
        }
    }
    ApiError::BadRequest(format!("the body is not a JSON list of frames: {error}"))
}

fn refused(at: usize, id: Option<&str>, reason: &str) -> ApiError {
    let id: String = id.unwrap_or("without id").chars().take(80).collect();
    ApiError::BadRequest(format!(
        "frame {at} ({id}) is refused, and with it the whole list: {reason}"
    ))
}

fn frame(incoming: Incoming) -> Result<Frame, String> {
    let id = incoming.id.ok_or("its id is missing or nil")?;
    let id = Uuid::parse_str(&id).or_else(|_| Uuid::parse_str(&id.to_lowercase()));
    let id = id.map_err(|_| "its id is not a UUID".to_owned())?;
    let (start_at, begin_at) = (
        instant("start_at", incoming.start_at)?,
        instant("begin_at", incoming.begin_at)?,
    );
    let start = match (start_at, begin_at) {
        (Some(start), Some(begin)) if start != begin => {
            return Err("its start_at and begin_at differ".to_owned());
        }
        (start, begin) => start
            .or(begin)
            .ok_or("it has neither start_at nor begin_at")?,
    };
    let end = instant("end_at", incoming.end_at)?.ok_or("it has no end_at")?;
    let (project, tags) = (
        incoming.project.unwrap_or_default(),
        incoming.tags.unwrap_or_default(),
    );
    Frame::new(id, start, end, project, tags).map_err(|error| error.to_string())
}

fn instant(name: &str, text: Option<String>) -> Result<Option<Timestamp>, String> {
    text.map(|text| {
        parse(&text).ok_or_else(|| {
            format!("its {name} is not an RFC 3339 instant with a zone, like 2026-01-31T08:00:00Z")
        })
    })
    .transpose()
}

/// Reads `last_sync`. A `+` that a client forgot to escape arrives as a blank.
///
/// # Errors
/// 400 when it is not an instant.
pub(super) fn last_sync(text: &str) -> Result<Timestamp, ApiError> {
    let text = text.replacen(' ', "+", usize::from(text.contains('T')));
    parse(&text).ok_or_else(|| {
        ApiError::BadRequest(
            "last_sync is not an RFC 3339 instant with a zone, like 2026-01-31T09:00:00+01:00"
                .to_owned(),
        )
    })
}

/// An instant with a zone offset or `Z`. Annotations such as `[Europe/Paris]` are not for the wire.
fn parse(text: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    if text.contains('[') {
        return None;
    }
    PARSER.parse_timestamp(text).ok()
}
