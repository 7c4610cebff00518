//! Who counts as one address, wherever addresses are counted.

use std::net::{IpAddr, Ipv6Addr};

/// A household or a host has a whole /64 of IPv6 (RFC 6177), so that is what counts as one address.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}
