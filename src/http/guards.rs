//! What ends a request that takes too long, or whose handler panics.

use std::any::Any;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::{Instant, timeout_at};
use tower_http::catch_panic::CatchPanicLayer;

use super::body_pace::BodyPace;

/// How such a request is answered.
#[derive(Clone, Copy)]
pub(crate) struct Refusals {
    /// After so many seconds.
    pub(crate) timeout: fn(u64) -> Response,
    /// After a panic.
    pub(crate) panic: fn() -> Response,
}

/// Puts the guard against panics around the time limit, which counts all that a route does: access, reading the body, the
/// database.
pub(crate) fn guarded<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    time: Duration,
    refusals: Refusals,
) -> Router<S> {
    // The panic hook has logged it.
    let after_panic = move |_: Box<dyn Any + Send + 'static>| (refusals.panic)();
    router
        .layer(middleware::from_fn_with_state((time, refusals), time_limit))
        .layer(CatchPanicLayer::custom(after_panic))
}

/// Returns 408 when a request takes longer than `limit`. The time during which its body keeps
/// arriving does not count: a first push over a slow line takes many minutes. What the request had
/// begun in the database is rolled back, unless it was being committed at that moment; a repeat
/// changes nothing.
async fn time_limit(
    State((limit, refusals)): State<(Duration, Refusals)>,
    request: Request,
    next: Next,
) -> Response {
    let (request, pace) = BodyPace::measure(request);
    let mut deadline = Instant::now() + limit;
    let mut response = pin!(next.run(request));
    loop {
        if let Ok(response) = timeout_at(deadline, &mut response).await {
            return response;
        }
        match pace.extension(limit, deadline) {
            Some(later) => deadline = later,
            None => return (refusals.timeout)(limit.as_secs()),
        }
    }
}
