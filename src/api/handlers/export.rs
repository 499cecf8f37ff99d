//! Exports all data of a user.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::feeds::FeedJson;
use super::frame_stream;
use super::invitations::InvitationJson;
use super::projects::ProjectJson;
use super::teams::TeamJson;
use super::tokens::TokenJson;
use super::users::PersonJson;
use super::watson::WatsonFrame;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::store::{Caller, Person, RecordedFrame, Store, User};

/// A team of the user, and what they share with it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ExportedTeam {
    #[serde(flatten)]
    team: TeamJson,
    /// The projects that the user shares, in the team's order.
    shared: Vec<String>,
}

/// A pushed frame that could not be stored.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct RefusedFrameJson {
    /// The device's token; null for credentials of an issuer.
    token_id: Option<Uuid>,
    /// The frame's id, if it has one.
    id: Option<String>,
    /// Project and start, or the beginning of its JSON.
    description: String,
    /// Why it could not be stored.
    reason: String,
    /// When it was last refused.
    refused_at: Timestamp,
}

impl From<RecordedFrame> for RefusedFrameJson {
    fn from(frame: RecordedFrame) -> Self {
        Self {
            token_id: frame.device,
            id: frame.id,
            description: frame.description,
            reason: frame.reason,
            refused_at: frame.refused_at,
        }
    }
}

/// The document up to its list of frames.
#[derive(Serialize)]
struct Head {
    user: PersonJson,
    projects: Vec<ProjectJson>,
    tokens: Vec<TokenJson>,
    feeds: Vec<FeedJson>,
    teams: Vec<ExportedTeam>,
    invitations: Vec<InvitationJson>,
    refused_frames: Vec<RefusedFrameJson>,
    frames: [(); 0],
}

/// All data of the user; tokens without their secrets.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes an answer that is written as a stream")]
pub(in crate::api) struct Export {
    user: PersonJson,
    /// With the archived ones.
    projects: Vec<ProjectJson>,
    tokens: Vec<TokenJson>,
    /// Calendar feeds, without their addresses.
    feeds: Vec<FeedJson>,
    /// The teams of the user.
    teams: Vec<ExportedTeam>,
    /// The pending ones.
    invitations: Vec<InvitationJson>,
    /// Pushed frames that could not be stored.
    refused_frames: Vec<RefusedFrameJson>,
    /// In no particular order.
    frames: Vec<WatsonFrame<'static>>,
}

/// All data of the user, as a file.
#[utoipa::path(get, path = "/users/me/export", tag = "users",
    responses((status = 200, body = Export)))]
pub(in crate::api) async fn export(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Response, HttpError> {
    let (store, user) = (&api.store, &caller.user);
    let head = Head {
        user: PersonJson::from(Person {
            id: user.id(),
            login: user.login().to_owned(),
            avatar_url: user.avatar_url().map(str::to_owned),
        }),
        projects: store
            .list_all_projects(user)
            .await?
            .into_iter()
            .map(ProjectJson::from)
            .collect(),
        tokens: store
            .list_tokens(user)
            .await?
            .into_iter()
            .map(TokenJson::from)
            .collect(),
        feeds: store
            .list_feeds(user)
            .await?
            .into_iter()
            .map(FeedJson::from)
            .collect(),
        teams: teams(store, user).await?,
        invitations: store
            .list_invitations(user)
            .await?
            .into_iter()
            .map(InvitationJson::from)
            .collect(),
        refused_frames: store
            .list_refused_frames(user)
            .await?
            .into_iter()
            .map(RefusedFrameJson::from)
            .collect(),
        frames: [],
    };
    let mut open = serde_json::to_vec(&head).map_err(|error| {
        tracing::error!(%error, "an export cannot be written");
        HttpError::Internal
    })?;
    // What closes the list of frames and the object comes after the frames.
    open.truncate(open.len() - CLOSE.len());
    let body = frame_stream::body(store, store.pull_all(user), open, CLOSE).await?;
    let mut response = frame_stream::json(body);
    let headers = response.headers_mut();
    let name = HeaderValue::from_static("attachment; filename=\"crick-export.json\"");
    headers.insert(CONTENT_DISPOSITION, name);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn teams(store: &Store, user: &User) -> Result<Vec<ExportedTeam>, HttpError> {
    let mut shared = store.list_shares(user).await?;
    let teams = store.list_teams(user).await?.into_iter();
    let exported = teams.map(|team| ExportedTeam {
        shared: shared.remove(&team.id).unwrap_or_default(),
        team: team.into(),
    });
    Ok(exported.collect())
}

/// The end of the document.
const CLOSE: &[u8] = b"]}";
