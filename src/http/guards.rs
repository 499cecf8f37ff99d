//! What ends a request that takes too long, or whose handler panics.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use tower_http::catch_panic::CatchPanicLayer;

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

/// Answers 408 when a request is not answered in time. What it had begun in the database is rolled back, unless it was
/// being committed at that moment; a repeat changes nothing.
async fn time_limit(
    State((limit, refusals)): State<(Duration, Refusals)>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (refusals.timeout)(limit.as_secs()),
    }
}
