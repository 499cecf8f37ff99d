//! Everything about systemd: sockets by name, notifications, the watchdog and stop signals.
//!
//! Without systemd these functions do nothing.

use std::fs::File;
use std::future::Future;
use std::net::TcpListener;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A socket that systemd opened.
#[derive(Debug)]
pub enum Socket {
    /// A listening TCP socket.
    Tcp(TcpListener),
    /// A listening Unix stream socket.
    Unix(UnixListener),
}

/// The sockets that systemd passed, by `FileDescriptorName=`.
#[derive(Debug, Default)]
pub struct Sockets {
    /// For the API and the dashboard: all named `http`, or a single unnamed one.
    pub http: Vec<Socket>,
    /// For metrics: all named `metrics`.
    pub metrics: Vec<Socket>,
}

/// Why a passed socket cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// An unknown name.
    #[error(
        "systemd passed a socket named {0}; only http and metrics are known (FileDescriptorName=)"
    )]
    UnknownName(String),
    /// Neither TCP nor a Unix stream.
    #[error("the socket named {name} is not a listening TCP or Unix stream socket: {cause}")]
    UnknownType {
        /// Its name.
        name: String,
        /// The error of the operating system.
        cause: std::io::Error,
    },
}

/// Takes the sockets that systemd passed.
///
/// Removes variables from the environment, so it must be called while there is only one thread.
pub fn take_sockets() -> Result<Sockets, SocketError> {
    // listenfd removes the variable, so it is read first.
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let names: Vec<&str> = names.split(':').collect();
    let mut passed = listenfd::ListenFd::from_env();
    let count = passed.len();
    let mut sockets = Sockets::default();
    for at in 0..count {
        // Without FileDescriptorName=, systemd uses the name of the unit.
        let name = names.get(at).copied().unwrap_or_default();
        let is_unnamed =
            count == 1 && (name.is_empty() || name == "unknown" || name.ends_with(".socket"));
        let socket = match passed.take_unix_listener(at) {
            Ok(Some(unix)) => Socket::Unix(unix),
            _ => match passed.take_tcp_listener(at) {
                Ok(Some(tcp)) => Socket::Tcp(tcp),
                Ok(None) => continue,
                Err(cause) => {
                    return Err(SocketError::UnknownType {
                        name: name.to_owned(),
                        cause,
                    });
                }
            },
        };
        match name {
            "metrics" => sockets.metrics.push(socket),
            "http" => sockets.http.push(socket),
            _ if is_unnamed => sockets.http.push(socket),
            _ => return Err(SocketError::UnknownName(name.to_owned())),
        }
    }
    Ok(sockets)
}

/// Whether standard error is the journal. Compares `$JOURNAL_STREAM` with the stream's device and
/// inode, because descendants inherit the variable; see systemd.exec(5).
#[must_use]
pub fn is_journal() -> bool {
    let Ok(journal) = std::env::var("JOURNAL_STREAM") else {
        return false;
    };
    let stream = std::io::stderr()
        .as_fd()
        .try_clone_to_owned()
        .map(File::from);
    stream
        .and_then(|stream| stream.metadata())
        .is_ok_and(|stream| journal == format!("{}:{}", stream.dev(), stream.ino()))
}

/// Notifies systemd that the server is ready.
pub fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Notifies systemd that the server is stopping.
pub fn stopping(status: &str) {
    notify(&[NotifyState::Stopping, NotifyState::Status(status)]);
}

/// Notifies the watchdog at half its interval while `check` succeeds. If it fails or hangs, systemd
/// restarts the service. Returns only if there is no watchdog.
pub async fn watchdog<F>(mut check: impl FnMut() -> F)
where
    F: Future<Output = bool>,
{
    let Some(interval) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut ticks = tokio::time::interval((interval / 2).max(Duration::from_millis(100)));
    loop {
        ticks.tick().await;
        if check().await {
            notify(&[NotifyState::Watchdog]);
        } else {
            tracing::warn!("the self-check failed; the watchdog is not notified");
        }
    }
}

/// The signals that stop the server: TERM from systemd, INT from a terminal and from the reload of
/// the first Crick, HUP from a plain reload. Once created, these signals no longer terminate the
/// process.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl StopSignals {
    /// Installs the handlers.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal and returns its name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }
}

fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "cannot notify systemd");
    }
}
