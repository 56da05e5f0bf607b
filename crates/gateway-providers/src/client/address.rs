//! Addresses that the gateway does not call: whoever can set a base URL must not be able to read a cloud's metadata.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where clouds answer outside the link-local ranges.
const METADATA_V4: &[Ipv4Addr] = &[Ipv4Addr::new(100, 100, 100, 200)];
const METADATA_V6: &[Ipv6Addr] = &[
    Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254),
];
/// The names of such services, for where a proxy resolves and we do not see the address.
const METADATA_NAMES: &[&str] = &[
    "metadata.google.internal",
    "metadata.goog",
    "instance-data.ec2.internal",
];

/// Whether an address is link-local or a cloud's metadata service.
pub(super) fn is_refused(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_refused_v4(v4),
        IpAddr::V6(v6) => {
            v6.is_unicast_link_local() || METADATA_V6.contains(&v6) || embedded(v6).is_some_and(is_refused_v4)
        }
    }
}

/// Whether a host, as written, is such an address or such a service's name.
pub(super) fn is_refused_name(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => is_refused(address),
        Err(_) => {
            let host = host.strip_suffix('.').unwrap_or(host);
            METADATA_NAMES.iter().any(|name| name.eq_ignore_ascii_case(host))
        }
    }
}

fn is_refused_v4(v4: Ipv4Addr) -> bool {
    v4.is_link_local() || METADATA_V4.contains(&v4)
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, or behind NAT64.
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(v4) = v6.to_ipv4() {
        return Some(v4);
    }
    match v6.segments() {
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_local_and_metadata_addresses_are_refused_in_every_spelling() {
        for host in [
            "169.254.169.254",
            "169.254.0.1",
            "100.100.100.200",
            "fe80::1",
            "febf::1",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::ffff:6464:64c8",
            "64:ff9b::a9fe:a9fe",
            "metadata.google.internal",
            "Metadata.Google.Internal.",
        ] {
            assert!(is_refused_name(host), "{host}");
        }
    }

    #[test]
    fn private_and_loopback_addresses_are_fine() {
        for host in [
            "127.0.0.1",
            "::1",
            "10.0.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "fd00::1",
            "100.64.0.1",
            "example.com",
        ] {
            assert!(!is_refused_name(host), "{host}");
        }
    }
}
