//! Listening sockets: TCP or Unix, opened by the server or by systemd.

use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};

use socket2::{Domain, Protocol, SockAddr, SockRef, Socket as RawSocket, Type};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::either::Either;

use crate::config::Listen;
use crate::systemd::Socket;

/// The queue of connections to accept; the kernel limits it to `net.core.somaxconn`.
const BACKLOG: i32 = 4096;

/// A listening socket.
#[derive(Debug)]
pub struct Listener {
    socket: Inner,
    /// The file of a Unix socket of our own, deleted at the end.
    file: Option<PathBuf>,
    /// Opened by systemd, so that the successor serves the rest of the queue.
    is_inherited: bool,
}

#[derive(Debug)]
enum Inner {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A connection of either kind.
pub type Connection = Either<TcpStream, UnixStream>;

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// An address is in use or invalid.
    #[error("cannot listen on {address}: {cause}")]
    Address {
        /// The configured address.
        address: String,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// A socket from systemd is unusable.
    #[error("cannot use the socket that systemd passed: {0}")]
    Inherited(io::Error),
}

impl Listener {
    /// Takes over a socket that systemd opened. Must be called inside the runtime.
    pub fn inherited(socket: Socket) -> Result<Self, ListenError> {
        Self::take_over(socket).map_err(ListenError::Inherited)
    }

    fn take_over(socket: Socket) -> io::Result<Self> {
        let raw = match &socket {
            Socket::Tcp(tcp) => SockRef::from(tcp),
            Socket::Unix(unix) => SockRef::from(unix),
        };
        if !raw.nonblocking()? {
            // Processes share the flag, and systemd clears it when it starts another one.
            tracing::warn!(
                "the unit lacks NonBlocking=yes: another start on this socket may block this server"
            );
        }
        let socket = match socket {
            Socket::Tcp(tcp) => {
                tcp.set_nonblocking(true)?;
                Inner::Tcp(TcpListener::from_std(tcp)?)
            }
            Socket::Unix(unix) => {
                unix.set_nonblocking(true)?;
                Inner::Unix(UnixListener::from_std(unix)?)
            }
        };
        Ok(Self {
            socket,
            file: None,
            is_inherited: true,
        })
    }

    /// Opens a socket, and replaces the file of a Unix socket without a listener.
    pub fn open(listen: &Listen) -> Result<Self, ListenError> {
        Self::bind(listen).map_err(|cause| ListenError::Address {
            address: listen.to_string(),
            cause,
        })
    }

    fn bind(listen: &Listen) -> io::Result<Self> {
        let (raw, address, file) = match listen {
            Listen::Tcp(address) => {
                let raw = RawSocket::new(
                    Domain::for_address(*address),
                    Type::STREAM,
                    Some(Protocol::TCP),
                )?;
                raw.set_reuse_address(true)?;
                (raw, SockAddr::from(*address), None)
            }
            Listen::Unix(path) => {
                delete_dead_socket(path)?;
                (
                    RawSocket::new(Domain::UNIX, Type::STREAM, None)?,
                    SockAddr::unix(path)?,
                    Some(path.clone()),
                )
            }
        };
        raw.bind(&address)?;
        raw.listen(BACKLOG)?;
        raw.set_nonblocking(true)?;
        let socket = match listen {
            Listen::Tcp(_) => Inner::Tcp(TcpListener::from_std(raw.into())?),
            Listen::Unix(_) => Inner::Unix(UnixListener::from_std(raw.into())?),
        };
        Ok(Self {
            socket,
            file,
            is_inherited: false,
        })
    }

    /// The address, for the log.
    #[must_use]
    pub fn address(&self) -> String {
        match &self.socket {
            Inner::Tcp(tcp) => tcp
                .local_addr()
                .map_or_else(|_| "tcp".to_owned(), |address| address.to_string()),
            Inner::Unix(unix) => {
                let address = unix.local_addr().ok();
                let path = address.as_ref().and_then(|address| address.as_pathname());
                path.map_or_else(
                    || "unix".to_owned(),
                    |path| format!("unix:{}", path.display()),
                )
            }
        }
    }

    /// The address of a TCP socket.
    #[must_use]
    pub fn tcp_address(&self) -> Option<SocketAddr> {
        match &self.socket {
            Inner::Tcp(tcp) => tcp.local_addr().ok(),
            Inner::Unix(_) => None,
        }
    }

    /// Waits for a connection.
    pub async fn accept(&self) -> io::Result<Connection> {
        match &self.socket {
            Inner::Tcp(tcp) => {
                let (stream, _) = tcp.accept().await?;
                // Responses are written at once, so waiting for more data only delays them.
                let _ = stream.set_nodelay(true);
                Ok(Either::Left(stream))
            }
            Inner::Unix(unix) => unix.accept().await.map(|(stream, _)| Either::Right(stream)),
        }
    }

    /// Stops listening. Returns the queued connections, unless a successor will accept them.
    pub async fn close(self) -> Vec<Connection> {
        let mut waiting = Vec::new();
        if !self.is_inherited {
            while let Ok(Ok(connection)) =
                tokio::time::timeout(std::time::Duration::ZERO, self.accept()).await
            {
                waiting.push(connection);
            }
        }
        if let Some(file) = &self.file {
            let _ = std::fs::remove_file(file);
        }
        waiting
    }
}

/// Deletes the socket of an earlier server, but no socket with a listener and no other file.
fn delete_dead_socket(path: &Path) -> io::Result<()> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    let is_dead = || {
        StdUnixStream::connect(path)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    };
    if is_socket && is_dead() {
        std::fs::remove_file(path)?;
    }
    Ok(())
}
