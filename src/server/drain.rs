//! Stops without losing a request.
//!
//! hyper's graceful shutdown closes idle connections at once, also those that were accepted but
//! have not sent their first byte, so a client that is just sending gets a reset. Therefore open
//! connections are served for a grace period, in which each response closes its connection. Then
//! the idle connections are closed, and requests in progress get a deadline.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Shared;

/// How long an aborted connection may take to end.
const CUT: Duration = Duration::from_secs(1);

/// The result of a drain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// How many connections were aborted during a request.
    pub cut: usize,
}

/// Waits until every connection has ended. The listeners must be closed already.
pub(super) async fn drain(
    shared: &Shared,
    connections: &TaskTracker,
    halt: &CancellationToken,
) -> Drained {
    connections.close();
    tracing::debug!(connections = connections.len(), "draining");
    let ended = || async {
        tokio::select! {
            () = connections.wait() => true,
            () = halt.cancelled() => false,
        }
    };
    let _ = tokio::time::timeout(shared.limits.drain_grace, ended()).await;
    shared.close.cancel();
    let _ = tokio::time::timeout(shared.limits.drain_deadline, ended()).await;
    let cut = connections.len();
    if cut > 0 {
        tracing::warn!(
            connections = cut,
            "aborting requests that are still running"
        );
        shared.cut.cancel();
        let _ = tokio::time::timeout(CUT, connections.wait()).await;
    }
    tracing::debug!(cut, "drained");
    Drained { cut }
}
