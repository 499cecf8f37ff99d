//! Stopping without losing a request: the lame duck.
//!
//! hyper's graceful shutdown closes idle connections at once, those included that were accepted but have not brought
//! their first byte, so a proxy or client that is just sending on one gets a reset. Hence open connections are served on
//! for a grace period, each answer asking for the connection's end; only then are the idle ones closed, and requests
//! that still run get a deadline.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Shared;

/// How long a connection that was cut may take to notice.
const CUT: Duration = Duration::from_secs(1);

/// How a drain ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drained {
    /// Connections with a request that were cut, at the deadline or on demand.
    pub cut: usize,
}

/// Waits until every connection has ended: during the grace period by itself, then by closing idle ones, and at the
/// deadline by cutting the rest. The listeners are closed already.
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
        tracing::warn!(connections = cut, "cutting requests that are still running");
        shared.cut.cancel();
        let _ = tokio::time::timeout(CUT, connections.wait()).await;
    }
    tracing::debug!(cut, "drained");
    Drained { cut }
}
