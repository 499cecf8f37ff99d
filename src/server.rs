//! Connections on hyper: accept, serve, drain. Knows nothing of routes.

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

/// The largest head of a request, in bytes. It is hyper's read buffer, too, which grows beyond it when
/// much arrives at once.
const HEAD_LIMIT: usize = 64 << 10;

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take to send a request's head, and to send the first byte.
    pub header_timeout: Duration,
    /// How long connections without a request may still bring one after the signal to stop.
    pub drain_grace: Duration,
    /// How long requests may still take once that is over.
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

/// Serves `router` on all `listeners` until `stopping` is cancelled, then drains (see `drain.rs`). Cancelling `halt`
/// cuts what is left of the drain. Answers what had to be cut.
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
        accepting.spawn(accept(listener, Arc::clone(&shared), connections.clone()));
    }
    accepting.close();
    stopping.cancelled().await;
    accepting.wait().await;
    drain::drain(&shared, &connections, &halt).await
}

/// What every connection shares.
struct Shared {
    router: Router,
    limits: Limits,
    /// Cancelled when the server begins to stop: every answer from now on closes its connection.
    stopping: CancellationToken,
    /// Cancelled when idle connections are closed.
    close: CancellationToken,
    /// Cancelled when connections with a request are cut.
    cut: CancellationToken,
}

/// Accepts until the server stops, then takes what is already in a queue that nobody else will serve.
async fn accept(listener: Listener, shared: Arc<Shared>, connections: TaskTracker) {
    loop {
        tokio::select! {
            () = shared.stopping.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(connection) => {
                    connections.spawn(serve(connection, Arc::clone(&shared)));
                }
                Err(error) => back_off(&error, &shared.stopping).await,
            },
        }
    }
    for connection in listener.close().await {
        connections.spawn(serve(connection, Arc::clone(&shared)));
    }
}

/// A client that left before it was accepted costs nothing; a lack of descriptors or memory passes only by waiting.
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

/// Serves one connection to its end.
async fn serve(connection: Connection, shared: Arc<Shared>) {
    let _counted = metrics::connection();
    let peer = Peer::of(&connection);
    let service = {
        let shared = Arc::clone(&shared);
        service_fn(move |request: Request<Incoming>| answer(Arc::clone(&shared), peer, request))
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

/// Answers a request. What the handler left of its body is read and thrown away first: a client that is answered while
/// it still sends often sees a broken connection instead of the answer.
async fn answer(
    shared: Arc<Shared>,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<axum::response::Response, Infallible> {
    let (mut request, unread) = body_drain::watch(request);
    request.extensions_mut().insert(peer);
    let mut response = shared.router.clone().oneshot(request).await?;
    // A client that was too slow is not waited for once more.
    let is_late = response.status() == StatusCode::REQUEST_TIMEOUT;
    let is_read = !is_late && unread.discard().await;
    if !is_read || shared.stopping.is_cancelled() {
        // The rest of the body, or the next request, which belongs on a new connection that the successor takes.
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
