//! The state of the handlers.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::Bytes;
use tokio_util::sync::CancellationToken;

use super::middleware::cors::Cors;
use crate::config::{Config, Registration};
use crate::http::RateLimits;
use crate::oidc::Issuer;
use crate::store::Store;

/// The state of every handler. Cheap to clone, which every request does several times.
#[derive(Clone)]
pub struct Api(Arc<Shared>);

/// The state that the clones of an [`Api`] share.
pub struct Shared {
    pub(in crate::api) store: Store,
    pub(in crate::api) watson_path: String,
    pub(in crate::api) body_limit: usize,
    pub(in crate::api) bulk_body_limit: usize,
    pub(in crate::api) request_timeout: Duration,
    pub(in crate::api) cors: Cors,
    pub(in crate::api) rate_limits: Arc<RateLimits>,
    pub(in crate::api) stopping: CancellationToken,
    /// The issuer whose tokens are accepted in addition to our own.
    pub(in crate::api) issuer: Option<Issuer>,
    pub(in crate::api) registration: Registration,
    openapi: OnceLock<Bytes>,
}

impl Api {
    /// Creates an API; `stopping` is cancelled when the server begins to stop.
    #[must_use]
    pub fn new(
        store: Store,
        config: &Config,
        rate_limits: Arc<RateLimits>,
        stopping: CancellationToken,
    ) -> Self {
        let settings = &config.settings;
        Self(Arc::new(Shared {
            store,
            watson_path: settings.watson_path.clone(),
            body_limit: settings.body_limit.get(),
            bulk_body_limit: settings.bulk_body_limit.get(),
            request_timeout: settings.request_timeout.duration(),
            cors: Cors::new(&settings.cors_allowed_origins),
            rate_limits,
            stopping,
            issuer: config.oidc.clone().map(Issuer::new),
            registration: config.registration.clone(),
            openapi: OnceLock::new(),
        }))
    }
}

impl Api {
    /// Keeps the OpenAPI document, which is generated from the table of routes.
    pub(in crate::api) fn set_openapi(&self, document: String) {
        self.openapi.get_or_init(|| document.into());
    }

    /// The OpenAPI document, as JSON.
    pub(in crate::api) fn openapi(&self) -> Bytes {
        self.openapi.get().cloned().unwrap_or_default()
    }
}

impl Deref for Api {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
