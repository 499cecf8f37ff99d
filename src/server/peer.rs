//! The peer of a connection.

use std::net::{IpAddr, Ipv6Addr};

use tokio_util::either::Either;

use super::Connection;

/// The peer of a connection, in the extensions of each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// An address, which a client cannot forge.
    Tcp(IpAddr),
    /// A process that may open the socket's file: the proxy.
    Unix,
}

impl Peer {
    /// A TCP peer that is gone has no address, but must not count as the proxy.
    pub(super) fn of(connection: &Connection) -> Self {
        match connection {
            Either::Left(stream) => {
                let address = stream.peer_addr().map(|address| address.ip());
                Self::Tcp(address.unwrap_or(Ipv6Addr::UNSPECIFIED.into()))
            }
            Either::Right(_) => Self::Unix,
        }
    }
}
