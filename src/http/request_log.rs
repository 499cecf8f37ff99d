//! Logs and counts each request, and gives it an identifier.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{Extensions, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::metrics;

/// The header with a request's identifier, from a proxy and to the client.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// The caller of a request, which access control sets.
#[derive(Clone, Default)]
struct LoggedUser(Arc<OnceLock<Uuid>>);

/// Records the caller for the log line.
pub(crate) fn user(extensions: &Extensions, id: Uuid) {
    if let Some(LoggedUser(user)) = extensions.get() {
        // Set once: a request has one caller.
        let _ = user.set(id);
    }
}

/// Logs the method, the route's template (never the path, which may be private), the status, the
/// milliseconds until the response's head, the user and the request's identifier.
pub(crate) async fn layer(mut request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map(|path| template(path.as_str()).to_owned());
    let user = LoggedUser::default();
    request.extensions_mut().insert(user.clone());
    let begin = Instant::now();

    let span = tracing::info_span!("request", request_id = id.to_str().unwrap_or_default());
    let mut response = next.run(request).instrument(span.clone()).await;

    let _entered = span.enter();
    let (time, status) = (begin.elapsed(), response.status().as_u16());
    let route = route.as_deref().unwrap_or("none");
    metrics::request(method.as_str(), route, status, time);
    tracing::info!(
        method = method.as_str(),
        route,
        status,
        ms = time.as_micros() as f64 / 1e3,
        user = user.0.get().map(tracing::field::display),
        "request"
    );
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// A route without a trailing slash, which makes no difference except for the root.
fn template(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

/// The identifier from the proxy if it looks like one, else a new one.
fn request_id(request: &Request) -> HeaderValue {
    let fits = |value: &&HeaderValue| {
        (1..=64).contains(&value.len())
            && value
                .as_bytes()
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    };
    let new = || HeaderValue::from_str(&Uuid::new_v4().simple().to_string());
    match request.headers().get(REQUEST_ID).filter(fits) {
        Some(given) => given.clone(),
        None => new().unwrap_or(HeaderValue::from_static("none")),
    }
}
