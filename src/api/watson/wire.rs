//! Lists of frames, and `last_sync`, as Watson sends them.

use std::fmt;

use axum::http::Uri;
use jiff::Timestamp;
use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::api::ApiError;
use crate::api::frame_json::{FrameInput, parse_instant};
use crate::api::object::Object;
use crate::input;
use crate::model::Frame;

/// Reads the body of a push: a list of frames, or `null` for an empty one (a Go client's nothing).
///
/// # Errors
/// 400 when it is not JSON, or when one frame is not in order: that one is named.
pub fn frames(body: &[u8]) -> Result<Vec<Frame>, ApiError> {
    let mut refusal = None;
    let mut reader = serde_json::Deserializer::from_slice(body);
    let list = FrameList {
        refusal: &mut refusal,
    }
    .deserialize(&mut reader);
    match list.and_then(|frames| reader.end().map(|()| frames)) {
        Ok(frames) => Ok(frames),
        Err(_) => Err(refusal.unwrap_or_else(|| malformed(body))),
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
        while let Some(Object(incoming)) = list.next_element::<Object<FrameInput>>()? {
            let id = incoming.id.clone();
            match incoming.parse() {
                Ok(frame) => frames.push(frame),
                Err(reason) => {
                    *self.refusal = Some(refused(frames.len(), id.as_deref(), &reason.to_string()));
                    return Err(serde::de::Error::custom("refused"));
                }
            }
        }
        Ok(frames)
    }
}

/// Finds the frame that spoils a list, for a better message than a line and a column.
fn malformed(body: &[u8]) -> ApiError {
    #[derive(Deserialize)]
    struct Id {
        id: Option<serde_json::Value>,
    }
    let list = match input::read_frame_list(body) {
        Ok(list) => list,
        Err(error) => return ApiError::BadRequest(format!("Invalid JSON body: {error}")),
    };
    for (at, text) in list.iter().enumerate() {
        if let Err(error) = input::read_json::<FrameInput>(text.get().as_bytes()) {
            let id = serde_json::from_str::<Id>(text.get())
                .ok()
                .and_then(|frame| frame.id);
            let id = id.as_ref().and_then(|id| id.as_str());
            return refused(at, id, &format!("it is not a frame: {error}"));
        }
    }
    ApiError::BadRequest("Invalid JSON body: expected a list of frames".to_owned())
}

fn refused(at: usize, id: Option<&str>, reason: &str) -> ApiError {
    let id: String = id.unwrap_or("without id").chars().take(80).collect();
    ApiError::BadRequest(format!(
        "frame {at} ({id}) is refused, and with it the whole list: {reason}"
    ))
}

/// The `last_sync` in the query of a pull, if there is a valid one.
pub(in crate::api) fn presented_last_sync(uri: &Uri) -> Option<Timestamp> {
    let query = uri.query()?;
    let (_, text) =
        url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "last_sync")?;
    last_sync(&text).ok()
}

/// Reads `last_sync`. A `+` that a client forgot to escape arrives as a blank.
///
/// # Errors
/// 400 when it is not an instant.
pub(super) fn last_sync(text: &str) -> Result<Timestamp, ApiError> {
    let text = text.replacen(' ', "+", usize::from(text.contains('T')));
    parse_instant(&text).ok_or_else(|| {
        ApiError::BadRequest(
            "last_sync is not an RFC 3339 instant with a zone, like 2026-01-31T09:00:00+01:00"
                .to_owned(),
        )
    })
}
