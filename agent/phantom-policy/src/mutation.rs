//! The parsers against a hundred thousand damaged packets: they may say anything but panic, run on, or name what no host can be named.

extern crate std;

use crate::{Hello, answers, packet, segment, server_name};
use std::vec::Vec;

/// Always the same sequence, so that what fails once fails again.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.next(4) {
            if bytes.is_empty() {
                return;
            }
            let at = self.next(bytes.len());
            match self.next(5) {
                0 => bytes[at] ^= 1 << self.next(8),
                1 => bytes[at] = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff][self.next(8)],
                2 => bytes.truncate(at),
                3 => bytes.insert(at, u8::try_from(self.next(256)).unwrap()),
                _ => {
                    bytes.remove(at);
                }
            }
        }
    }
}

fn is_host(bytes: &[u8]) -> bool {
    let is_letter = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
    bytes.len() <= 253 && bytes.iter().all(is_letter)
}

#[test]
fn damaged_answers_name_only_hosts() {
    let mut random = Random(1);
    let mut whole = 0;
    for _ in 0..100_000 {
        let mut bytes = crate::dns::tests::example();
        random.mutate(&mut bytes);
        if let Some(host) = answers(&bytes[..], |_| whole += 1) {
            assert!(is_host(host.as_bytes()), "{bytes:?}");
        }
    }
    assert!(whole > 10_000, "mutations went too far: {whole}");
}

#[test]
fn damaged_hellos_name_only_hosts() {
    let mut random = Random(2);
    let mut named = 0;
    for round in 0..100_000 {
        let mut bytes = crate::client_hello::tests::hello(Some(b"api.openai.com"), [16_000, 300][round % 2]);
        random.mutate(&mut bytes);
        if let Hello::Name(host) = server_name(&bytes[..]) {
            assert!(is_host(host.as_bytes()) && !host.as_bytes().is_empty(), "{bytes:?}");
            named += 1;
        }
    }
    assert!(named > 10_000, "mutations went too far: {named}");
}

#[test]
fn damaged_headers_point_nowhere_behind_what_was_read() {
    let mut random = Random(3);
    let mut found = 0;
    for round in 0..100_000 {
        let mut bytes = Vec::new();
        if round % 2 == 0 {
            bytes.extend([0x45, 0, 0, 0, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        } else {
            bytes.extend([0x60, 0, 0, 0, 0, 0, 0, 64]);
            bytes.extend([3; 32]);
            bytes.extend([44, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 1, 0, 0, 0, 0]);
        }
        bytes.extend([0, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0x50, 0, 0, 0, 0, 0, 0, 0]);
        random.mutate(&mut bytes);
        if let Some(packet) = packet(&bytes[..])
            && let Some(segment) = segment(&bytes[..], &packet)
        {
            assert!(packet.transport + 4 <= bytes.len() && segment.payload > packet.transport);
            found += 1;
        }
    }
    assert!(found > 10_000, "mutations went too far: {found}");
}
