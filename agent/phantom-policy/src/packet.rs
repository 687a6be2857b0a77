//! Layers three and four: from whom to whom, and where the payload begins.

use crate::Bytes;

const IPV4: u8 = 4;
const IPV6: u8 = 6;
/// More headers one behind the other than any honest packet has.
const HEADERS_MAX: usize = 8;

/// TCP's number in an IP header.
pub const TCP: u8 = 6;
/// UDP's.
pub const UDP: u8 = 17;

/// What an IP header says, its extension headers included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// Sender; an IPv4 address as `::ffff:a.b.c.d`.
    pub source: [u8; 16],
    /// Receiver, likewise.
    pub destination: [u8; 16],
    /// The protocol behind all headers; one that is not known ends them.
    pub protocol: u8,
    /// A fragment that is not the first has no header of the next layer.
    pub is_later_fragment: bool,
    /// Where the next layer begins.
    pub transport: usize,
}

/// What a TCP or UDP header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// The sender's port.
    pub source_port: u16,
    /// The receiver's port.
    pub destination_port: u16,
    /// TCP's number of the first byte; 0 for UDP.
    pub sequence: u32,
    /// Where the payload begins.
    pub payload: usize,
}

/// Reads a packet that begins with its IP header.
#[inline(always)]
pub fn packet<B: Bytes + ?Sized>(bytes: &B) -> Option<Packet> {
    match bytes.byte(0)? >> 4 {
        IPV4 => version_4(bytes),
        IPV6 => version_6(bytes),
        _ => None,
    }
}

/// An IPv4 address as IPv6 writes it.
#[must_use]
#[inline(always)]
pub fn mapped(address: [u8; 4]) -> [u8; 16] {
    let [a, b, c, d] = address;
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d]
}

#[inline(always)]
fn version_4<B: Bytes + ?Sized>(bytes: &B) -> Option<Packet> {
    const FRAGMENT_OFFSET: u16 = 0x1fff;
    let length = usize::from(bytes.byte(0)? & 15) * 4;
    if length < 20 {
        return None;
    }
    Some(Packet {
        source: mapped(bytes.load(12)?),
        destination: mapped(bytes.load(16)?),
        protocol: bytes.byte(9)?,
        is_later_fragment: bytes.short(6)? & FRAGMENT_OFFSET != 0,
        transport: length,
    })
}

#[inline(always)]
fn version_6<B: Bytes + ?Sized>(bytes: &B) -> Option<Packet> {
    const FRAGMENT: u8 = 44;
    const AUTHENTICATION: u8 = 51;
    let mut protocol = bytes.byte(6)?;
    let mut at = 40;
    let mut is_later_fragment = false;
    for _ in 0..HEADERS_MAX {
        if is_later_fragment || !is_extension(protocol) {
            return Some(Packet {
                source: bytes.load(8)?,
                destination: bytes.load(24)?,
                protocol,
                is_later_fragment,
                transport: at,
            });
        }
        let [next, length] = bytes.load::<2>(at)?;
        at += match protocol {
            FRAGMENT => {
                is_later_fragment = bytes.short(at + 2)? & 0xfff8 != 0;
                8
            }
            AUTHENTICATION => (usize::from(length) + 2) * 4,
            _ => (usize::from(length) + 1) * 8,
        };
        protocol = next;
    }
    None
}

/// Hop-by-hop, routing, fragment, authentication, destination options, mobility, HIP, shim6.
#[inline(always)]
const fn is_extension(protocol: u8) -> bool {
    matches!(protocol, 0 | 43 | 44 | 51 | 60 | 135 | 139 | 140)
}

/// Reads the TCP or UDP header of a packet; none for other protocols and later fragments.
#[inline(always)]
pub fn segment<B: Bytes + ?Sized>(bytes: &B, packet: &Packet) -> Option<Segment> {
    if packet.is_later_fragment {
        return None;
    }
    let at = packet.transport;
    let (sequence, header) = match packet.protocol {
        TCP => (u32::from_be_bytes(bytes.load(at + 4)?), usize::from(bytes.byte(at + 12)? >> 4) * 4),
        UDP => (0, 8),
        _ => return None,
    };
    if packet.protocol == TCP && header < 20 {
        return None;
    }
    Some(Segment {
        source_port: bytes.short(at)?,
        destination_port: bytes.short(at + 2)?,
        sequence,
        payload: at + header,
    })
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn version_6_with(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = std::vec![0x60, 0, 0, 0, 0, 0, first, 64];
        bytes.extend([1; 16]);
        bytes.extend([2; 16]);
        bytes.extend(rest);
        bytes
    }

    const UDP_HEADER: [u8; 8] = [0x12, 0x34, 0, 53, 0, 8, 0, 0];

    fn ports(bytes: &[u8]) -> Option<(u16, u16)> {
        let found = packet(bytes)?;
        segment(bytes, &found).map(|one| (one.source_port, one.destination_port))
    }

    #[test]
    fn options_of_ipv4_are_stepped_over() {
        let mut bytes =
            std::vec![0x46, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 1, 1, 1];
        bytes.extend(UDP_HEADER);
        assert_eq!(ports(&bytes), Some((0x1234, 53)));
        assert_eq!(packet(&bytes[..]).unwrap().destination, mapped([10, 0, 0, 2]));
        bytes[0] = 0x44;
        assert_eq!(packet(&bytes[..]), None);
    }

    #[test]
    fn extension_headers_of_ipv6_are_stepped_over() {
        let options = [60, 0, 0, 0, 0, 0, 0, 0];
        let authentication = [17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let destination = [51, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let bytes = version_6_with(0, &[&options[..], &destination, &authentication, &UDP_HEADER].concat());
        assert_eq!(ports(&bytes), Some((0x1234, 53)));
    }

    #[test]
    fn a_first_fragment_has_ports_and_a_later_one_has_none() {
        let first = version_6_with(44, &[&[17, 0, 0, 1, 0, 0, 0, 1][..], &UDP_HEADER].concat());
        assert_eq!(ports(&first), Some((0x1234, 53)));
        let later = version_6_with(44, &[&[17, 0, 0, 9, 0, 0, 0, 1][..], &UDP_HEADER].concat());
        assert!(packet(&later[..]).unwrap().is_later_fragment);
        assert_eq!(ports(&later), None);
        let mut bytes = std::vec![0x45, 0, 0, 0, 0, 0, 0, 9, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        bytes.extend(UDP_HEADER);
        assert_eq!(ports(&bytes), None);
    }

    #[test]
    fn headers_without_end_are_no_packet() {
        let bytes = version_6_with(0, &[0; 8].repeat(HEADERS_MAX + 1));
        assert_eq!(packet(&bytes[..]), None);
    }

    #[test]
    fn a_packet_cut_anywhere_is_none_and_no_panic() {
        let bytes = version_6_with(0, &[&[17, 0, 0, 0, 0, 0, 0, 0][..], &UDP_HEADER].concat());
        for cut in 0..bytes.len() - 4 {
            assert_eq!(ports(&bytes[..cut]), None, "{cut}");
        }
    }
}
