//! For the operator: does the process live, and should it be sent requests?

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::{Api, ApiError};

/// The answer of both.
#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
}

/// `GET /livez`: 200 as long as requests are answered.
pub(super) async fn live() -> Json<Health> {
    Json(Health { status: "alive" })
}

/// `GET /readyz`: 200, or 503 when the database does not answer, its schema does not fit, or the server is stopping.
pub(super) async fn ready(State(api): State<Api>) -> Result<Json<Health>, ApiError> {
    if api.stopping.is_cancelled() {
        return Err(ApiError::Unavailable(
            "draining: the server is stopping".to_owned(),
        ));
    }
    api.store.check_schema().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        let reason = match error {
            crate::store::StoreError::SchemaBehind(_)
            | crate::store::StoreError::SchemaAhead(_) => "schema",
            _ => "database",
        };
        ApiError::Unavailable(format!("{reason}: not usable just now"))
    })?;
    Ok(Json(Health { status: "ready" }))
}
