//! The client's address, for the rate limits.

use std::net::{IpAddr, Ipv6Addr};

use axum::http::{Extensions, HeaderMap};

use crate::server::Peer;

/// The header to which a proxy appends the address of its peer.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The trustworthy address of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    /// An IPv4 address, or the /64 of an IPv6 address, which usually belongs to one client.
    Network(IpAddr),
    /// Not known, because the proxy sends none or an invalid one. Such requests are counted
    /// together.
    Unknown,
}

impl Address {
    /// The peer's address. Behind the Unix socket the peer is the operator's proxy, and it is the
    /// last address of `X-Forwarded-For`, which the proxy has added.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap) -> Self {
        match extensions.get() {
            Some(Peer::Tcp(address)) => Self::network(*address),
            Some(Peer::Unix) => forwarded(headers).map_or(Self::Unknown, Self::network),
            None => Self::Unknown,
        }
    }

    fn network(address: IpAddr) -> Self {
        Self::Network(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        })
    }
}

/// The last address of the last field.
fn forwarded(headers: &HeaderMap) -> Option<IpAddr> {
    let field = headers.get_all(FORWARDED_FOR).iter().next_back()?;
    let last = field.to_str().ok()?.rsplit(',').next()?;
    last.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: Option<Peer>, forwarded: &[&str]) -> Address {
        let mut extensions = Extensions::new();
        if let Some(peer) = peer {
            extensions.insert(peer);
        }
        let headers = forwarded.iter().map(|value| {
            (
                FORWARDED_FOR.parse().expect("a name"),
                value.parse().expect("a value"),
            )
        });
        Address::of(&extensions, &headers.collect())
    }

    fn network(text: &str) -> Address {
        Address::Network(text.parse().expect("an address"))
    }

    #[test]
    fn over_tcp_the_peer_counts_and_the_header_is_ignored() {
        for ip in ["127.0.0.1", "192.0.2.1"] {
            let peer = Some(Peer::Tcp(ip.parse().expect("an address")));
            assert_eq!(address(peer, &[]), network(ip));
            assert_eq!(address(peer, &["198.51.100.7"]), network(ip));
        }
    }

    #[test]
    fn behind_the_unix_socket_the_last_forwarded_address_counts() {
        let unix = Some(Peer::Unix);
        assert_eq!(address(unix, &["192.0.2.1"]), network("192.0.2.1"));
        assert_eq!(
            address(unix, &["10.0.0.1, unknown,192.0.2.1 "]),
            network("192.0.2.1")
        );
        assert_eq!(
            address(unix, &["198.51.100.7", "192.0.2.1"]),
            network("192.0.2.1")
        );
    }

    #[test]
    fn behind_the_unix_socket_what_is_not_said_or_not_understood_is_one_address() {
        for header in [
            "",
            "unix:",
            "192.0.2.1,",
            "192.0.2.1, nobody",
            "192.0.2.256",
        ] {
            assert_eq!(address(Some(Peer::Unix), &[header]), Address::Unknown);
        }
        assert_eq!(address(Some(Peer::Unix), &[]), Address::Unknown);
        assert_eq!(address(None, &["192.0.2.1"]), Address::Unknown);
    }

    #[test]
    fn ipv6_is_counted_by_64_bits_and_mapped_ipv4_as_ipv4() {
        let unix = Some(Peer::Unix);
        for one in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9"] {
            assert_eq!(address(unix, &[one]), network("2001:db8:1:2::"));
        }
        assert_ne!(
            address(unix, &["2001:db8:1:3::1"]),
            network("2001:db8:1:2::")
        );
        assert_eq!(address(unix, &["::ffff:192.0.2.1"]), network("192.0.2.1"));
    }
}
