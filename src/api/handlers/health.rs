//! Liveness and readiness, for the operator's probes.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::state::Api;
use crate::http::HttpError;
use crate::store::StoreError;

/// How long the database may take to respond.
const PATIENCE: Duration = Duration::from_secs(5);

/// The response of both.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Health {
    status: &'static str,
    // Not in the schema, because `/readyz` has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    version: Option<&'static str>,
}

/// Liveness: 200 while the server handles requests. `version` is that of the server.
#[utoipa::path(get, path = "/livez", tag = "server", responses((status = 200, body = Health)))]
pub(in crate::api) async fn live() -> Json<Health> {
    Json(Health {
        status: "alive",
        version: Some(env!("CARGO_PKG_VERSION")),
    })
}

/// Readiness: 200, or 503 if the database does not respond, its schema does not fit, or the server
/// is stopping.
#[utoipa::path(get, path = "/readyz", tag = "server", responses(
    (status = 200, body = Health), (status = 503, description = "Do not send requests now.")
))]
pub(in crate::api) async fn ready(State(api): State<Api>) -> Result<Json<Health>, HttpError> {
    if api.stopping.is_cancelled() {
        return Err(HttpError::Unavailable(
            "draining: the server is stopping".to_owned(),
        ));
    }
    match tokio::time::timeout(PATIENCE, api.store.check_schema()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            return Err(HttpError::Unavailable(match error {
                StoreError::Unsuitable(error) => format!("database: {error}"),
                StoreError::SchemaBehind(_) | StoreError::SchemaAhead(_) => {
                    "schema: not usable just now".to_owned()
                }
                _ => "database: not usable just now".to_owned(),
            }));
        }
        Err(_) => {
            return Err(HttpError::Unavailable(
                "database: no answer in time".to_owned(),
            ));
        }
    }
    Ok(Json(Health {
        status: "ready",
        version: None,
    }))
}
