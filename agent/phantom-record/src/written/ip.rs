use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `target_ip` of an address: a dotted quad, also within `::ffff:0:0/96`, or RFC 5952 text in hexadecimal throughout.
#[must_use]
pub fn ip(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => hexadecimal(v6),
    }
}

/// An address written in the usual forms; no other spelling counts as one.
pub(super) fn read(text: &str) -> Option<IpAddr> {
    if let Ok(v4) = text.parse::<Ipv4Addr>() {
        return Some(v4.into());
    }
    text.parse::<Ipv6Addr>().ok().map(IpAddr::from)
}

/// RFC 5952 section 4. The standard library writes `::/96` with a dotted quad at its end, which the record does not.
fn hexadecimal(address: Ipv6Addr) -> String {
    let segments = address.segments();
    if segments[..6].iter().any(|&segment| segment != 0) || segments[6] == 0 {
        return address.to_string();
    }
    format!("::{:x}:{:x}", segments[6], segments[7])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_within_the_first_96_bits_of_zero_are_hexadecimal() {
        for (given, text) in [
            ("::203.0.113.1", "::cb00:7101"),
            ("::1", "::1"),
            ("::", "::"),
            ("::0.1.0.0", "::1:0"),
            ("::ffff:0:1", "0.0.0.1"),
        ] {
            assert_eq!(ip(given.parse().expect(given)), text);
        }
    }
}
