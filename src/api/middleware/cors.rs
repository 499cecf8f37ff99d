//! Which pages may call the API from a browser (Fetch Standard, "CORS protocol"): those of the
//! listed origins. Credentials are never allowed, because the API has none that browsers add.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, ORIGIN, RETRY_AFTER, VARY,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower::{Layer as _, ServiceExt as _};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::request_log::REQUEST_ID;

/// How long a browser may cache a preflight; Chromium's maximum.
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// The listed origins. Case does not matter, as for the first Crick.
#[derive(Clone)]
pub(in crate::api) struct Cors(Arc<[String]>);

impl Cors {
    pub(in crate::api) fn new(origins: &[String]) -> Self {
        Self(origins.into())
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let listed = |listed: &String| origin.as_bytes().eq_ignore_ascii_case(listed.as_bytes());
        self.0.iter().any(listed)
    }
}

fn cors_layer() -> CorsLayer {
    use Method as M;
    let request_id = HeaderName::from_static(REQUEST_ID);
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods([M::GET, M::HEAD, M::POST, M::PUT, M::PATCH, M::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            ACCEPT,
            IF_NONE_MATCH,
            request_id.clone(),
        ])
        .expose_headers([ETAG, RETRY_AFTER, request_id, CONTENT_DISPOSITION])
        .max_age(MAX_AGE)
        .vary([ORIGIN])
}

/// Applies [`CorsLayer`] to listed origins only: it would send its lists of methods and headers to
/// other origins too, and would answer every `OPTIONS`, also one that is no preflight.
pub(in crate::api) async fn layer(
    State(cors): State<Cors>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let origin = headers.get(ORIGIN);
    let is_options = request.method() == Method::OPTIONS;
    let is_preflight =
        is_options && origin.is_some() && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if origin.is_some_and(|origin| cors.allows(origin)) && (is_preflight || !is_options) {
        return cors_layer()
            .layer(next)
            .oneshot(request)
            .await
            .into_response();
    }
    let mut response = match is_preflight {
        true => ().into_response(),
        false => next.run(request).await,
    };
    if !cors.0.is_empty() {
        let vary = HeaderValue::from_static("origin");
        response.headers_mut().append(VARY, vary);
    }
    response
}
