//! Which network addresses may use an API key.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// The addresses a key may be used from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowlist {
    /// `*`: any address.
    Any,
    /// Addresses inside one of these networks; none of them, when the list is empty.
    Networks(Vec<IpNet>),
}

/// Why an allowlist was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAllowlist {
    /// The position of the refused entry, from 0.
    pub index: usize,
}

impl BadAllowlist {
    /// What an entry must be.
    pub const SHAPE: &'static str = "must be *, an IP address like 192.0.2.7 or a network like 192.0.2.0/24";
}

impl fmt::Display for BadAllowlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} {}", self.index, Self::SHAPE)
    }
}

impl std::error::Error for BadAllowlist {}

impl Allowlist {
    /// Reads `*`, addresses and networks (CIDR).
    ///
    /// # Errors
    ///
    /// [`BadAllowlist`] for the first entry that is none of these.
    pub fn parse<S: AsRef<str>>(entries: &[S]) -> Result<Self, BadAllowlist> {
        let mut networks = Vec::with_capacity(entries.len());
        let mut is_any = false;
        for (index, entry) in entries.iter().enumerate() {
            match entry.as_ref().trim() {
                "*" => is_any = true,
                entry => networks.push(network(entry).ok_or(BadAllowlist { index })?),
            }
        }
        Ok(if is_any { Self::Any } else { Self::Networks(networks) })
    }

    /// Says whether every address of another list is on this one.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) => true,
            (Self::Networks(_), Self::Any) => false,
            (Self::Networks(own), Self::Networks(others)) => {
                others.iter().all(|other| own.iter().any(|network| network.contains(other)))
            }
        }
    }

    /// Says whether a request from this address may use the key.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Networks(networks) => {
                let address = address.to_canonical();
                networks.iter().any(|network| network.contains(&address))
            }
        }
    }
}

fn network(entry: &str) -> Option<IpNet> {
    let network = match entry.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => entry.parse().ok()?,
    };
    Some(unmapped(network))
}

/// Turns a network of IPv4 addresses written as IPv6 (`::ffff:192.0.2.0/120`) into what it means.
fn unmapped(network: IpNet) -> IpNet {
    const MAPPED_BITS: u8 = 96;
    let prefix = network.prefix_len().checked_sub(MAPPED_BITS);
    let address = match network {
        IpNet::V6(network) => Ipv6Addr::to_ipv4_mapped(&network.addr()),
        IpNet::V4(_) => None,
    };
    let mapped = address.zip(prefix).and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok());
    mapped.map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_permitted_by_entry() {
        let table: [(&[&str], &str, bool); 13] = [
            (&["*"], "203.0.113.9", true),
            (&["192.0.2.7", "*"], "2001:db8::1", true),
            (&[], "192.0.2.7", false),
            (&["192.0.2.7"], "192.0.2.7", true),
            (&["192.0.2.7"], "192.0.2.8", false),
            (&["192.0.2.7"], "::ffff:192.0.2.7", true),
            (&[" 192.0.2.99/24 "], "192.0.2.1", true),
            (&["192.0.2.0/24"], "192.0.3.1", false),
            (&["0.0.0.0/0"], "2001:db8::1", false),
            (&["2001:db8::/32"], "2001:db8:1::2", true),
            (&["::ffff:192.0.2.0/120"], "192.0.2.200", true),
            (&["::ffff:192.0.2.7"], "192.0.2.8", false),
            (&["::/0"], "192.0.2.7", false),
        ];
        for (entries, address, permitted) in table {
            let allowlist = Allowlist::parse(entries).unwrap();
            assert_eq!(allowlist.permits(address.parse().unwrap()), permitted, "{entries:?} {address}");
        }
    }

    #[test]
    fn a_list_covers_what_lies_in_its_networks() {
        let table: [(&[&str], &[&str], bool); 8] = [
            (&["*"], &["192.0.2.7"], true),
            (&["*"], &["*"], true),
            (&["192.0.2.0/24"], &["*"], false),
            (&["192.0.2.0/24"], &["192.0.2.7", "192.0.2.128/25"], true),
            (&["192.0.2.0/24"], &["192.0.2.7", "192.0.3.1"], false),
            (&["192.0.2.0/25", "192.0.2.128/25"], &["192.0.2.128"], true),
            (&["192.0.2.7"], &["192.0.2.0/24"], false),
            (&[], &[], true),
        ];
        for (own, other, covered) in table {
            let parse = |list| Allowlist::parse(list).unwrap();
            assert_eq!(parse(own).covers(&parse(other)), covered, "{own:?} {other:?}");
        }
    }

    #[test]
    fn a_bad_entry_is_named_by_its_position_only() {
        for entry in ["", "localhost", "192.0.2.300", "192.0.2.0/33", "192.0.2.*", "123.456.7.89"] {
            let refusal = Allowlist::parse(&["*", entry]).unwrap_err();
            assert_eq!(refusal.index, 1, "{entry}");
            assert!(refusal.to_string().starts_with("entry 1 must be *, an IP address"));
        }
    }
}
