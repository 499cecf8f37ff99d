//! Loads data by the same statement as the token, which saves a round trip.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use crate::api::extract::last_sync;
use crate::api::state::Api;
use crate::http::HttpError;
use crate::model::Project;
use crate::store::{Caller, Store, StoreError, SyncState};

/// What a route needs in addition to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Preload {
    Nothing,
    /// How far the device has synced.
    SyncState,
    /// The user's projects in use.
    Projects,
}

/// What was loaded. It is empty for a caller who did not send a token of ours.
#[derive(Clone, Default)]
pub(in crate::api) struct Preloaded {
    pub(in crate::api) sync_state: Option<SyncState>,
    pub(in crate::api) projects: Option<Vec<Project>>,
}

impl Preload {
    /// The caller with this token, and what the route needs of them; `None` if the token is
    /// invalid.
    pub(super) async fn authenticate(
        self,
        store: &Store,
        token: &str,
        uri: &Uri,
    ) -> Result<Option<(Caller, Preloaded)>, StoreError> {
        let mut preloaded = Preloaded::default();
        let caller = match self {
            Self::Nothing => store.authenticate(token).await?,
            Self::SyncState => {
                let last_sync = last_sync::find(uri);
                let found = store.authenticate_for_sync(token, last_sync).await?;
                found.map(|(caller, state)| {
                    preloaded.sync_state = Some(state);
                    caller
                })
            }
            Self::Projects => {
                let found = store.authenticate_with_projects(token).await?;
                found.map(|(caller, projects)| {
                    preloaded.projects = Some(projects);
                    caller
                })
            }
        };
        Ok(caller.map(|caller| (caller, preloaded)))
    }
}

impl FromRequestParts<Api> for Preloaded {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, HttpError> {
        Ok(parts.extensions.remove().unwrap_or_default())
    }
}
