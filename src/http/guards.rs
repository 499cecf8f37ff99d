//! Ends requests that take too long or whose handler panics.

use std::any::Any;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::{Instant, timeout_at};
use tower_http::catch_panic::CatchPanicLayer;

use super::body_pace::BodyPace;
use super::error::HttpError;

/// Puts the guard against panics around the time limit, which counts everything that a route does:
/// access control, reading the body, the database.
pub(crate) fn guarded<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    limit: Duration,
) -> Router<S> {
    // The panic hook has logged it.
    let after_panic = |_: Box<dyn Any + Send + 'static>| HttpError::Internal.into_response();
    router
        .layer(middleware::from_fn_with_state(limit, time_limit))
        .layer(CatchPanicLayer::custom(after_panic))
}

/// Returns 408 when a request takes longer than `limit`. The time during which its body keeps
/// arriving does not count: a first push over a slow line takes many minutes. What the request had
/// begun in the database is rolled back, unless it was being committed at that moment; a repeat
/// changes nothing.
async fn time_limit(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    let (request, pace) = BodyPace::measure(request);
    let mut deadline = Instant::now() + limit;
    let mut response = pin!(next.run(request));
    loop {
        if let Ok(response) = timeout_at(deadline, &mut response).await {
            return Ok(response);
        }
        deadline = pace
            .extension(limit, deadline)
            .ok_or(HttpError::Timeout(limit.as_secs()))?;
    }
}
