//! Who is at the other end of a connection.

use std::net::{IpAddr, Ipv6Addr};

use super::Connection;

/// The other end of a connection, found in the extensions of each of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// An address, which the client cannot choose.
    Tcp(IpAddr),
    /// Whoever may open the socket's file: the proxy in front.
    Unix,
}

impl Peer {
    /// The peer of a connection. One that has already left has no address, which must not make it a proxy.
    pub(super) fn of(connection: &Connection) -> Self {
        match connection {
            Connection::Tcp(stream) => {
                let address = stream.peer_addr().map(|address| address.ip());
                Self::Tcp(address.unwrap_or(Ipv6Addr::UNSPECIFIED.into()))
            }
            Connection::Unix(_) => Self::Unix,
        }
    }
}
