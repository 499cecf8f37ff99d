//! Parses the frames of a list one by one if the list has invalid ones, so that only those are
//! refused.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::api::extract::json_body::parse_id;
use crate::api::extract::tag_list;
use crate::api::handlers::frame_json::{FrameInput, Refusal};
use crate::model::{Frame, RefusedFrame};

/// The most characters of an id that is not a UUID.
const LONGEST_ID: usize = 80;
/// The most characters of a description.
const LONGEST_DESCRIPTION: usize = 160;

/// The values of a frame as JSON text, of any type.
#[derive(Default)]
struct RawFrame<'a> {
    id: Option<&'a RawValue>,
    start_at: Option<&'a RawValue>,
    begin_at: Option<&'a RawValue>,
    end_at: Option<&'a RawValue>,
    project: Option<&'a RawValue>,
    tags: Option<&'a RawValue>,
    /// Whether a key is repeated.
    is_ambiguous: bool,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    Id,
    StartAt,
    BeginAt,
    EndAt,
    Project,
    Tags,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for RawFrame<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(RawFrameVisitor)
    }
}

struct RawFrameVisitor;

impl<'de> Visitor<'de> for RawFrameVisitor {
    type Value = RawFrame<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawFrame<'de>, A::Error> {
        let mut frame = RawFrame::default();
        while let Some(key) = map.next_key()? {
            let value = map.next_value()?;
            let place = match key {
                Key::Id => &mut frame.id,
                Key::StartAt => &mut frame.start_at,
                Key::BeginAt => &mut frame.begin_at,
                Key::EndAt => &mut frame.end_at,
                Key::Project => &mut frame.project,
                Key::Tags => &mut frame.tags,
                Key::Other => continue,
            };
            frame.is_ambiguous |= place.replace(value).is_some();
        }
        Ok(frame)
    }
}

/// The frame, or why it cannot be stored.
pub(super) fn read(item: &RawValue) -> Result<Frame, Refusal> {
    let raw: RawFrame<'_> = serde_json::from_str(item.get())
        .map_err(|_| Refusal::Malformed("it is not a JSON object".to_owned()))?;
    if raw.is_ambiguous {
        return Err(Refusal::Malformed("it has a key twice".to_owned()));
    }
    let input = FrameInput {
        id: text("id", raw.id)?,
        start_at: text("start_at", raw.start_at)?,
        begin_at: text("begin_at", raw.begin_at)?,
        end_at: text("end_at", raw.end_at)?,
        project: text("project", raw.project)?,
        tags: tags(raw.tags)?,
    };
    input.parse()
}

fn text(key: &str, value: Option<&RawValue>) -> Result<Option<String>, Refusal> {
    let Some(value) = value.map(RawValue::get).filter(|value| *value != "null") else {
        return Ok(None);
    };
    if !value.starts_with('"') {
        return Err(Refusal::Malformed(format!("its {key} is not a text")));
    }
    let text = serde_json::from_str(value);
    text.map(Some).map_err(|_| not_unicode(key))
}

fn tags(value: Option<&RawValue>) -> Result<Option<Vec<String>>, Refusal> {
    let Some(value) = value.map(RawValue::get) else {
        return Ok(None);
    };
    if !value.starts_with('[') && value != "null" {
        return Err(Refusal::Malformed("its tags are not a list".to_owned()));
    }
    let tags = tag_list::read(&mut serde_json::Deserializer::from_str(value));
    tags.map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            Refusal::Malformed("one of its tags is not a text".to_owned())
        }
        _ => not_unicode("tags"),
    })
}

/// JSON can escape half of a surrogate pair (`"\ud800"`), which is not Unicode.
fn not_unicode(key: &str) -> Refusal {
    Refusal::Malformed(format!("half of a surrogate pair stands in its {key}"))
}

/// Describes a refused frame.
pub(super) fn describe(item: &RawValue, index: usize, reason: Refusal) -> RefusedFrame {
    let raw: RawFrame<'_> = serde_json::from_str(item.get()).unwrap_or_default();
    let read = |key, value| text(key, value).ok().flatten();
    let id = read("id", raw.id).map(|id| match parse_id(&id) {
        Some(id) => id.simple().to_string(),
        None => shortened(&id, LONGEST_ID),
    });
    let start = read("begin_at", raw.begin_at).or_else(|| read("start_at", raw.start_at));
    let description = match (read("project", raw.project), start) {
        (Some(project), Some(start)) => format!("{project} from {start}"),
        _ => item.get().to_owned(),
    };
    RefusedFrame {
        index,
        id,
        description: shortened(&description, LONGEST_DESCRIPTION),
        reason: reason.to_string(),
    }
}

/// Truncates a text and replaces control characters: PostgreSQL cannot store NUL, and pages show
/// none.
fn shortened(text: &str, most: usize) -> String {
    let mut characters = text.chars();
    let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    let mut short: String = characters.by_ref().take(most).map(printable).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}
