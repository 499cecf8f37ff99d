//! Which pages may call the API from a browser (Fetch Standard, "CORS protocol").
//!
//! The listed origins only; for all others there is no word of it. Credentials are never allowed, because the API knows
//! none that a browser would add by itself.

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

/// How long a browser may remember what a preflight was told; Chromium takes no more.
const MAX_AGE: Duration = Duration::from_secs(2 * 60 * 60);

/// The origins, and what their pages are told.
pub(in crate::api) struct Cors {
    origins: Vec<String>,
    allowed: CorsLayer,
}

impl Cors {
    /// Lets pages of these origins call the API.
    pub(in crate::api) fn new(origins: &[String]) -> Self {
        let request_id = HeaderName::from_static(REQUEST_ID);
        let methods = [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ];
        let headers = [
            AUTHORIZATION,
            CONTENT_TYPE,
            ACCEPT,
            IF_NONE_MATCH,
            request_id.clone(),
        ];
        Self {
            origins: origins.to_vec(),
            allowed: CorsLayer::new()
                .allow_origin(AllowOrigin::mirror_request())
                .allow_methods(methods)
                .allow_headers(headers)
                .expose_headers([ETAG, RETRY_AFTER, request_id, CONTENT_DISPOSITION])
                .max_age(MAX_AGE)
                .vary([ORIGIN]),
        }
    }

    /// Whether a request comes from a page of a listed origin. Upper and lower case are the same, as for the first Crick.
    fn allows(&self, origin: &HeaderValue) -> bool {
        let listed = |listed: &String| origin.as_bytes().eq_ignore_ascii_case(listed.as_bytes());
        self.origins.iter().any(listed)
    }
}

/// Answers preflights, and tells the pages of listed origins that they may read the answers. An `OPTIONS` that is no
/// preflight is the route's own, which [`CorsLayer`] would answer in its stead.
pub(in crate::api) async fn layer(
    State(cors): State<Arc<Cors>>,
    request: Request,
    next: Next,
) -> Response {
    let origin = request.headers().get(ORIGIN);
    let is_options = request.method() == Method::OPTIONS;
    let is_preflight = is_options
        && origin.is_some()
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let is_allowed = origin.is_some_and(|origin| cors.allows(origin));

    if is_allowed && (is_preflight || !is_options) {
        let answered = cors.allowed.layer(next).oneshot(request).await;
        return answered.into_response();
    }
    let mut response = if is_preflight {
        ().into_response()
    } else {
        next.run(request).await
    };
    if !cors.origins.is_empty() {
        let vary = HeaderValue::from_static("origin");
        response.headers_mut().append(VARY, vary);
    }
    response
}
