//! Which addresses a hook may have.
//!
//! Names are resolved here, and what is connected to is what was checked: a name that changes its address
//! between the two leads nowhere else.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::config::outside::Reach;

/// Networks of IPv4 that are not public: of this machine, private, shared, reserved.
const NOT_PUBLIC_4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Whether an address is one of the public network.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_4(address),
        IpAddr::V6(address) => is_public_6(address),
    }
}

fn is_public_4(address: Ipv4Addr) -> bool {
    let within = |(network, bits): &(Ipv4Addr, u32)| {
        (address.to_bits() ^ network.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
    };
    !NOT_PUBLIC_4.iter().any(within)
}

/// Public addresses of IPv6 begin with 2000::/3; some of those carry others within, or are for documents.
fn is_public_6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_4(mapped);
    }
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let carries_another = first == 0x2002 || (first == 0x2001 && second == 0);
    let documents = (first == 0x2001 && second == 0xdb8) || (first == 0x3fff && second < 0x1000);
    global && !carries_another && !documents
}

/// Resolves names, and gives only addresses that may be connected to.
#[derive(Debug)]
pub struct CheckedResolver {
    inner: DefaultResolver,
    reach: Reach,
}

impl CheckedResolver {
    /// A resolver with this reach.
    pub fn new(reach: Reach) -> Self {
        Self { inner: DefaultResolver::default(), reach }
    }
}

impl Resolver for CheckedResolver {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.reach == Reach::PrivateToo {
            return Ok(found);
        }
        let mut checked = self.empty();
        for address in found.iter().filter(|address| is_public(address.ip())) {
            checked.push(*address);
        }
        if checked.is_empty() {
            return Err(Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, "private address")));
        }
        Ok(checked)
    }
}
