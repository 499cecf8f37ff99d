//! Accepts, serves and drains connections with hyper. Independent of the routes.

mod body_drain;
mod drain;
mod listener;
mod peer;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

pub use drain::Drained;
pub use listener::{Connection, ListenError, Listener};
pub use peer::Peer;

use crate::config::Settings;
use crate::metrics;

/// The maximum size of a request's head, in bytes, and of hyper's read buffer.
const HEAD_LIMIT: usize = 64 << 10;

/// The time limits of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take to send the head of a request.
    pub header_timeout: Duration,
    /// How long idle connections may still send a request after the signal to stop.
    pub drain_grace: Duration,
    /// How long requests may still take after `drain_grace`.
    pub drain_deadline: Duration,
}

impl From<&Settings> for Limits {
    fn from(settings: &Settings) -> Self {
        Self {
            header_timeout: settings.header_timeout.duration(),
            drain_grace: settings.drain_grace.duration(),
            drain_deadline: settings.drain_deadline.duration(),
        }
    }
}

/// Serves `router` on all `listeners` until `stopping` is cancelled, then drains (see `drain.rs`).
/// Cancelling `halt` ends the drain early.
pub async fn run(
    listeners: Vec<Listener>,
    router: Router,
    limits: Limits,
    stopping: CancellationToken,
    halt: CancellationToken,
) -> Drained {
    let shared = Arc::new(Shared {
        router,
        limits,
        stopping: stopping.clone(),
        close: CancellationToken::new(),
        cut: CancellationToken::new(),
    });
    let connections = TaskTracker::new();
    let accepting = TaskTracker::new();
    for listener in listeners {
        accepting.spawn(accept_all(
            listener,
            Arc::clone(&shared),
            connections.clone(),
        ));
    }
    accepting.close();
    stopping.cancelled().await;
    accepting.wait().await;
    drain::drain(&shared, &connections, &halt).await
}

struct Shared {
    router: Router,
    limits: Limits,
    /// Cancelled when the server begins to stop: every later response closes its connection.
    stopping: CancellationToken,
    /// Cancelled to close idle connections.
    close: CancellationToken,
    /// Cancelled to abort connections with a request.
    cut: CancellationToken,
}

/// Accepts until the server stops, and then what is left in the queue of a socket of its own.
async fn accept_all(listener: Listener, shared: Arc<Shared>, connections: TaskTracker) {
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(connection) => {
                    connections.spawn(serve_connection(connection, Arc::clone(&shared)));
                }
                Err(error) => back_off(&error, &shared.stopping).await,
            },
        }
    }
    for connection in listener.close().await {
        connections.spawn(serve_connection(connection, Arc::clone(&shared)));
    }
}

/// Waits a second after an error such as a lack of file descriptors, but not if the client is gone.
async fn back_off(error: &std::io::Error, stopping: &CancellationToken) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    ) {
        return;
    }
    tracing::error!(%error, "accepting a connection failed; waiting a second");
    tokio::select! {
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
        () = stopping.cancelled() => {}
    }
}

async fn serve_connection(connection: Connection, shared: Arc<Shared>) {
    let _counted = metrics::connection();
    let peer = Peer::of(&connection);
    let service = {
        let shared = Arc::clone(&shared);
        service_fn(move |request: Request<Incoming>| respond(Arc::clone(&shared), peer, request))
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(shared.limits.header_timeout)
        .max_buf_size(HEAD_LIMIT)
        .max_header_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(connection), service);
    tokio::pin!(connection);
    let mut closing = false;
    loop {
        tokio::select! {
            result = connection.as_mut() => {
                if let Err(error) = result {
                    tracing::debug!(%error, "connection ended");
                }
                return;
            }
            () = shared.close.cancelled(), if !closing => {
                connection.as_mut().graceful_shutdown();
                closing = true;
            }
            () = shared.cut.cancelled() => return,
        }
    }
}

/// Responds to a request, after discarding the unread rest of its body: a client that gets a
/// response while it is sending often reports a broken connection instead of the response.
async fn respond(
    shared: Arc<Shared>,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let (mut request, unread) = body_drain::watch(request);
    request.extensions_mut().insert(peer);
    let mut response = shared.router.clone().oneshot(request).await?;
    // Do not wait again for a client that was too slow.
    let is_late = response.status() == StatusCode::REQUEST_TIMEOUT;
    let is_read = !is_late && unread.discard().await;
    if !is_read || shared.stopping.is_cancelled() {
        // Part of the body is unread, or the successor shall serve the next request.
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
