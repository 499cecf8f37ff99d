//! All of systemd: sockets by name, READY, STOPPING, STATUS and the watchdog, and when to stop.
//!
//! Without systemd every function here does nothing, and the server runs as any program.

use std::fs::File;
use std::future::Future;
use std::net::TcpListener;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixListener;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A socket that somebody else opened.
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
    /// For the API: all named `http`, or a single one without a name of ours.
    pub http: Vec<Socket>,
    /// For metrics: all named `metrics`.
    pub metrics: Vec<Socket>,
}

/// Why passed sockets cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Not one of ours.
    #[error(
        "systemd passed a socket named {0}; only http and metrics are known (FileDescriptorName=)"
    )]
    UnknownName(String),
    /// Neither TCP nor a Unix stream.
    #[error(
        "the socket named {name} is neither a listening TCP nor a listening Unix stream socket: {cause}"
    )]
    UnknownType {
        /// Its name.
        name: String,
        /// What the system said.
        cause: std::io::Error,
    },
}

/// Takes the sockets that systemd passed; none when it passed none.
///
/// Removes the variables that announce them from the environment, so it has to be called before there are threads.
///
/// # Errors
/// When a socket has an unknown name or is of an unknown type.
pub fn take_sockets() -> Result<Sockets, SocketError> {
    // listenfd drops the names with the rest of the environment's announcement, so they are read before.
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let names: Vec<&str> = names.split(':').collect();
    let mut passed = listenfd::ListenFd::from_env();
    let count = passed.len();
    let mut sockets = Sockets::default();
    for at in 0..count {
        // systemd's name for a socket without FileDescriptorName= is its unit's.
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

/// Whether standard error goes to the journal: systemd.exec(5) has `$JOURNAL_STREAM` compared with the device and inode
/// of the stream, because every descendant inherits the variable.
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

/// Tells systemd that requests are being answered.
pub fn ready(status: &str) {
    notify(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Tells systemd that the service has begun to stop.
pub fn stopping(status: &str) {
    notify(&[NotifyState::Stopping, NotifyState::Status(status)]);
}

/// Feeds the watchdog at half its interval for as long as `check` says that requests are answered. A check that fails
/// or hangs lets systemd act. Never ends; returns at once when there is no watchdog.
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
            tracing::warn!("the self-check failed; the watchdog is not fed");
        }
    }
}

/// The signals to stop: TERM from systemd, INT from a terminal and from the first Crick's reload, HUP from a plain
/// reload. From its making on they no longer end the process by themselves.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl StopSignals {
    /// Takes over the signals.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next signal and answers its name.
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
        tracing::warn!(%error, "systemd could not be told");
    }
}
