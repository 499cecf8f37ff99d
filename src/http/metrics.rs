//! Serves the metrics, on a socket of their own so that no proxy makes them public.

use axum::Router;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use super::error::HttpError;

/// `GET /metrics`, and nothing else.
pub fn router(handle: PrometheusHandle) -> Router {
    let text = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let metrics = async move || {
        handle.run_upkeep();
        (text, handle.render())
    };
    Router::new()
        .route("/metrics", get(metrics))
        .fallback(async || HttpError::NotFound("Only /metrics is served here".to_owned()))
        .method_not_allowed_fallback(async |method: Method| HttpError::MethodNotAllowed(method))
}
