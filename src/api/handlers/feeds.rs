//! The user's calendar feeds: create, list, delete. `calendar.rs` serves them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::tokens::whole_number;
use crate::api::extract::feed_address::Origin;
use crate::api::extract::json_body::{Id, JsonBody};
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::Scope;
use crate::store::{Caller, FEED_DAYS, Feed, FeedSelection};

/// A feed without its address, which is shown only when it is created.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct FeedJson {
    id: Uuid,
    /// The calendar's name.
    name: String,
    /// Frames of any of these projects; of all if empty.
    projects: Vec<String>,
    /// Frames that have all of these tags.
    tags: Vec<String>,
    /// A team, whose shared frames the feed has; null for the user's own.
    team_id: Option<Uuid>,
    /// How many days before today it has, in UTC.
    days_back: u16,
    created_at: Timestamp,
    /// To the minute; null if never.
    last_used_at: Option<Timestamp>,
    /// When it expires, together with the token that created it; null if never.
    expires_at: Option<Timestamp>,
}

impl From<Feed> for FeedJson {
    fn from(feed: Feed) -> Self {
        let FeedSelection {
            name,
            projects,
            tags,
            team,
            days_back,
            expires_at,
        } = feed.selection;
        Self {
            id: feed.id,
            name,
            projects,
            tags,
            team_id: team,
            days_back,
            created_at: feed.created_at,
            last_used_at: feed.last_used_at,
            expires_at,
        }
    }
}

/// Feeds, the oldest first.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Feeds {
    feeds: Vec<FeedJson>,
}

/// The user's calendar feeds.
#[utoipa::path(get, path = "/users/me/feeds", tag = "feeds",
    responses((status = 200, body = Feeds)))]
pub(in crate::api) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Feeds>, HttpError> {
    let feeds = api.store.list_feeds(&caller.user).await?;
    Ok(Json(Feeds {
        feeds: feeds.into_iter().map(FeedJson::from).collect(),
    }))
}

/// The name of a project, or a tag: compared exactly, may be empty.
#[derive(Deserialize, ToSchema)]
#[schema(max_length = 512, pattern = r"^[^\u0000]*$")]
struct FrameName(String);

/// The feed to create.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct NewFeedJson {
    /// The calendar's name.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,62}[^\s\x00-\x1f\x7f-\x9f])?$"
    )]
    name: String,
    /// Frames of any of these projects. Default: of all.
    #[schema(max_items = 256)]
    projects: Option<Vec<FrameName>>,
    /// Frames that have all of these tags.
    #[schema(max_items = 256)]
    tags: Option<Vec<FrameName>>,
    /// A team of the user: the frames that its members share.
    team_id: Option<Uuid>,
    /// How many days before today it has. Default: 366.
    #[serde(default, deserialize_with = "whole_number")]
    #[schema(minimum = 1, maximum = 3650)]
    days_back: Option<u16>,
}

impl NewFeedJson {
    fn parse(self, expires_at: Option<Timestamp>) -> Result<FeedSelection, HttpError> {
        let projects = self.projects.unwrap_or_default().into_iter();
        let tags = self.tags.unwrap_or_default().into_iter();
        let feed = FeedSelection {
            name: self.name,
            projects: projects.map(|FrameName(name)| name).collect(),
            tags: tags.map(|FrameName(tag)| tag).collect(),
            team: self.team_id,
            days_back: self.days_back.unwrap_or(FEED_DAYS),
            expires_at,
        };
        feed.checked()
            .map_err(|error| HttpError::BadRequest(error.to_string()))
    }
}

/// A new feed with its address.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct MadeFeed {
    #[serde(flatten)]
    feed: FeedJson,
    /// The address for calendar programs. Everyone who knows it sees the frames. It is not shown
    /// again.
    url: String,
}

/// Creates a calendar feed: a secret address that serves frames as a calendar. It also requires the
/// scope `read`.
#[utoipa::path(post, path = "/users/me/feeds", tag = "feeds", operation_id = "create_feed",
    request_body = NewFeedJson, responses(
    (status = 201, body = MadeFeed),
    (status = 404, description = "The user is not in such a team."),
    (status = 422, description = "The user has 20 feeds.")
))]
pub(in crate::api) async fn create(
    State(api): State<Api>,
    caller: Caller,
    origin: Origin,
    JsonBody(wanted): JsonBody<NewFeedJson>,
) -> Result<impl IntoResponse, HttpError> {
    if !caller.may(Scope::Read) {
        return Err(HttpError::Forbidden(format!(
            "This token has the scopes {}, but creating a feed also needs read",
            caller.scopes
        )));
    }
    let wanted = wanted.parse(caller.expires_at)?;
    let (secret, feed) = api.store.create_feed(&caller, wanted).await?;
    let made = MadeFeed {
        feed: feed.into(),
        url: origin.feed(secret.expose_secret()),
    };
    Ok((
        StatusCode::CREATED,
        [(CACHE_CONTROL, "no-store")],
        Json(made),
    ))
}

/// Deletes a calendar feed; its address stops working.
#[utoipa::path(delete, path = "/users/me/feeds/{id}", tag = "feeds",
    operation_id = "remove_feed", params(("id" = Uuid, Path)),
    responses((status = 204), (status = 404, description = "The user has no such feed."))
)]
pub(in crate::api) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<StatusCode, HttpError> {
    api.store.delete_feed(&caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
