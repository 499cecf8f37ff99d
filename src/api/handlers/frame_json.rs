//! A frame as JSON: the input, with the rules of every route, and the output.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::extract::json_body::parse_id;
use crate::api::extract::tag_list;
use crate::http::HttpError;
use crate::model::{Frame, InvalidFrame, InvalidInstant, parse_instant};
use crate::store::PulledFrame;

/// A frame as clients send it. Watson up to 1.9 sends `start_at`, from 1.10 `begin_at`: one is
/// required, and if both are set they must be equal. Unknown keys are ignored.
#[derive(Deserialize, ToSchema)]
pub(in crate::api) struct FrameInput {
    /// Not nil. Optional in a `PUT`, where it must be the id in the address.
    #[schema(value_type = Option<Uuid>)]
    pub(in crate::api) id: Option<String>,
    /// The start, in the year 1900 or later.
    #[schema(value_type = Option<Timestamp>)]
    pub(in crate::api) start_at: Option<String>,
    /// Another name of `start_at`.
    #[schema(value_type = Option<Timestamp>)]
    pub(in crate::api) begin_at: Option<String>,
    /// The end, not before the start; in a push it may be, and the frame then counts as 0. Not
    /// after 9999-12-30T22:00:00Z.
    #[schema(value_type = Timestamp)]
    pub(in crate::api) end_at: Option<String>,
    /// The project's name; the project is created if there is none. In a push it may be blank, and
    /// the frame then counts as 0.
    #[schema(value_type = String, min_length = 1, max_length = 512, pattern = r"\S")]
    pub(in crate::api) project: Option<String>,
    /// Default: none. Each has at most 512 characters, all together 4,096.
    #[serde(default, deserialize_with = "tag_list::read")]
    #[schema(max_items = 256)]
    pub(in crate::api) tags: Option<Vec<String>>,
}

/// Why a frame is refused; completes "frame 3 is refused: …".
#[derive(Debug, thiserror::Error)]
pub(in crate::api) enum Refusal {
    /// A value is malformed.
    #[error("{0}")]
    Malformed(String),
    /// The values are well-formed, but make no frame.
    #[error("{0}")]
    Impossible(&'static str),
    /// The same, by the model's rules.
    #[error(transparent)]
    Invalid(#[from] InvalidFrame),
}

impl FrameInput {
    /// The frame, if it can be stored.
    pub(in crate::api) fn parse(self) -> Result<Frame, Refusal> {
        let id = self.id.ok_or(InvalidFrame::NoId)?;
        let id = parse_id(&id).ok_or_else(|| Refusal::Malformed("its id is not a UUID".into()))?;
        let start_at = instant("start_at", self.start_at)?;
        let begin_at = instant("begin_at", self.begin_at)?;
        let start = match (start_at, begin_at) {
            (Some(start), Some(begin)) if start != begin => {
                return Err(Refusal::Impossible("its start_at and begin_at differ"));
            }
            (start, begin) => start
                .or(begin)
                .ok_or(Refusal::Impossible("it has neither start_at nor begin_at"))?,
        };
        let end = instant("end_at", self.end_at)?;
        let end = end.ok_or(Refusal::Impossible("it has no end_at"))?;
        let project = self.project;
        let project = project.ok_or(Refusal::Impossible("it has no project"))?;
        let tags = self.tags.unwrap_or_default();
        Ok(Frame::new(id, start, end, project, tags)?)
    }
}

fn instant(name: &str, text: Option<String>) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    parse_instant(&text)
        .map(Some)
        .map_err(|invalid| match invalid {
            InvalidInstant::Malformed => Refusal::Malformed(format!("its {name} {invalid}")),
            InvalidInstant::TooLate => InvalidFrame::TooLate.into(),
        })
}

/// A frame.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct FrameJson {
    id: Uuid,
    start_at: Timestamp,
    end_at: Timestamp,
    /// The project's name.
    project: String,
    /// In the order of the request.
    #[schema(value_type = Vec<String>)]
    tags: Box<RawValue>,
    /// The member whose frame it is; only in the list of a team.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user_id: Option<Uuid>,
}

impl FrameJson {
    /// A frame of the caller.
    pub(in crate::api) fn own(frame: PulledFrame) -> Result<Self, HttpError> {
        Ok(Self {
            id: frame.id,
            start_at: frame.start_at,
            end_at: frame.end_at,
            project: frame.project,
            tags: RawValue::from_string(frame.tags)
                .map_err(|error| damaged_tags(frame.id, &error))?,
            user_id: None,
        })
    }

    /// A frame that one member of a team shares.
    pub(in crate::api) fn of_member(user_id: Uuid, frame: PulledFrame) -> Result<Self, HttpError> {
        Ok(Self {
            user_id: Some(user_id),
            ..Self::own(frame)?
        })
    }
}

/// Logs the frame whose stored tags are not JSON.
fn damaged_tags(frame: Uuid, error: &serde_json::Error) -> HttpError {
    tracing::error!(%frame, %error, "stored tags are not JSON");
    HttpError::Internal
}
