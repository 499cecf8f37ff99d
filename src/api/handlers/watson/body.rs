//! The body of a push: a list of frames.

use std::fmt;

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::raw_frame;
use crate::api::extract::json_object::Object;
use crate::api::handlers::frame_json::FrameInput;
use crate::http::HttpError;
use crate::input;
use crate::model::{Frame, MOST_REFUSED_FRAMES, RefusedFrame};

/// The frames of a push.
#[derive(Debug, Default)]
pub struct PushBody {
    /// Frames that can be stored.
    pub frames: Vec<Frame>,
    /// Frames that cannot.
    pub refused: Vec<RefusedFrame>,
}

/// Parses the body of a push: a list of frames, or `null` for an empty one, as Go clients send it.
///
/// # Errors
/// 400 if it is not a JSON list, 422 if too many frames cannot be stored.
pub fn frames(body: &[u8]) -> Result<PushBody, HttpError> {
    // Also in ignored values (RFC 8259, section 8.1).
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(malformed(body));
    };
    // Fast path: nearly every list is valid and is parsed only once.
    if let Ok(frames) =
        read_list::<Object<FrameInput>, _>(text, |Object(input), _| input.parse().map_err(drop))
    {
        return Ok(PushBody {
            frames,
            refused: Vec::new(),
        });
    }
    let (mut refused, mut is_over) = (Vec::new(), false);
    let frames = read_list::<&RawValue, _>(text, |item, index| match raw_frame::read(item) {
        Ok(frame) => Ok(Some(frame)),
        Err(_) if refused.len() == MOST_REFUSED_FRAMES => {
            is_over = true;
            Err(())
        }
        Err(reason) => {
            refused.push(raw_frame::describe(item, index, reason));
            Ok(None)
        }
    });
    match frames {
        Ok(frames) => Ok(PushBody {
            frames: frames.into_iter().flatten().collect(),
            refused,
        }),
        Err(_) if is_over => Err(HttpError::Unprocessable(format!(
            "More than {MOST_REFUSED_FRAMES} of these frames cannot be stored, so none was; send the list in parts"
        ))),
        Err(_) => Err(malformed(body)),
    }
}

/// Parses a list item by item, so that it needs no more memory than the results of `take`. Stops at
/// the first item that `take` refuses or that is no `Item`.
fn read_list<'de, Item, Taken>(
    text: &'de str,
    take: impl FnMut(Item, usize) -> Result<Taken, ()>,
) -> Result<Vec<Taken>, serde_json::Error>
where
    Item: Deserialize<'de>,
{
    let mut reader = serde_json::Deserializer::from_str(text);
    let list = List {
        take,
        item: std::marker::PhantomData,
    };
    let taken = list.deserialize(&mut reader)?;
    reader.end().map(|()| taken)
}

struct List<Take, Item> {
    take: Take,
    item: std::marker::PhantomData<Item>,
}

impl<'de, Item, Taken, Take> DeserializeSeed<'de> for List<Take, Item>
where
    Item: Deserialize<'de>,
    Take: FnMut(Item, usize) -> Result<Taken, ()>,
{
    type Value = Vec<Taken>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Vec<Taken>, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de, Item, Taken, Take> Visitor<'de> for List<Take, Item>
where
    Item: Deserialize<'de>,
    Take: FnMut(Item, usize) -> Result<Taken, ()>,
{
    type Value = Vec<Taken>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of frames")
    }

    fn visit_unit<E>(self) -> Result<Vec<Taken>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Vec<Taken>, A::Error> {
        let mut taken = Vec::new();
        while let Some(item) = list.next_element()? {
            let item = (self.take)(item, taken.len());
            taken.push(item.map_err(|()| serde::de::Error::custom("refused"))?);
        }
        Ok(taken)
    }
}

/// Explains why a body is not a list.
fn malformed(body: &[u8]) -> HttpError {
    HttpError::BadRequest(match input::read_frame_list(body) {
        Err(error) => format!("Invalid JSON body: {error}"),
        Ok(_) => "Invalid JSON body: expected a list of frames".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_utf8_also_where_it_is_not_read() {
        let frame = |unknown: &[u8]| {
            let known =
                br#"[{"id":"68fb8ae0ac354cb9b7d2e0b0e1d8a3c4","begin_at":"2026-01-31T08:00:00Z","#;
            let end = br#","end_at":"2026-01-31T10:00:00Z","project":"b","tags":[]}]"#;
            [known, &br#""x":""#[..], unknown, br#"""#, end].concat()
        };
        assert!(frames(&frame(b"plain")).is_ok());
        let refused = frames(&frame(b"\xc9\xce"));
        assert!(matches!(refused, Err(HttpError::BadRequest(_))));
    }
}
