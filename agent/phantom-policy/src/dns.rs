//! Answers of DNS: which addresses a name that was asked for has. Aliases are followed in the order in which they stand; an address whose
//! owner was not led to from the question belongs to nobody.

use crate::{Bytes, Host, mapped};

/// DNS's port.
pub const PORT: u16 = 53;
const HEADER: usize = 12;
const ADDRESS: u16 = 1;
const ALIAS: u16 = 5;
const ADDRESS_6: u16 = 28;
const INTERNET: u16 = 1;
/// Records looked at.
const RECORDS_MAX: u16 = 128;
/// Labels and pointers of one name. Pointers only lead backwards, so this is no limit that a right name meets.
const STEPS_MAX: usize = 160;

/// An address of the name that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The address; IPv4 as `::ffff:a.b.c.d`.
    pub address: [u8; 16],
    /// Seconds that it may be kept.
    pub seconds: u32,
}

/// Reads an answer and hands each address to `take`; the name that was asked for, or none if this is no whole answer with one question.
pub fn answers<B: Bytes + ?Sized>(message: &B, mut take: impl FnMut(Answer)) -> Option<Host> {
    const IS_ANSWER: u16 = 0x8000;
    /// Kind of question, truncation, and the code of success: all zero.
    const IS_WRONG: u16 = 0x7a0f;
    let flags = message.short(2)?;
    if flags & IS_ANSWER == 0 || flags & IS_WRONG != 0 || message.short(4)? != 1 {
        return None;
    }
    let (asked, at) = name(message, HEADER)?;
    if message.short(at + 2)? != INTERNET {
        return None;
    }
    let mut at = at + 4;
    let mut owner = asked;
    for _ in 0..message.short(6)?.min(RECORDS_MAX) {
        let (of, head) = name(message, at)?;
        let (kind, class) = (message.short(head)?, message.short(head + 2)?);
        let seconds = u32::from_be_bytes(message.load(head + 4)?);
        let length = message.short(head + 8)?;
        let data = head + 10;
        if of == owner && class == INTERNET {
            match (kind, length) {
                (ADDRESS, 4) => take(Answer { address: mapped(message.load(data)?), seconds }),
                (ADDRESS_6, 16) => take(Answer { address: message.load(data)?, seconds }),
                (ALIAS, _) => owner = name(message, data)?.0,
                _ => {}
            }
        }
        at = data + usize::from(length);
    }
    Some(asked)
}

/// A name, and where it ends.
fn name<B: Bytes + ?Sized>(message: &B, start: usize) -> Option<(Host, usize)> {
    let mut host = Host::EMPTY;
    let (mut at, mut end) = (start, None);
    for _ in 0..STEPS_MAX {
        let length = message.byte(at)?;
        match length >> 6 {
            0 if length == 0 => return Some((host, end.unwrap_or(at + 1))),
            0 => {
                if !host.as_bytes().is_empty() && !host.push(b'.') {
                    return None;
                }
                for index in 1..=usize::from(length) {
                    let byte = message.byte(at + index)?;
                    if byte == b'.' || !host.push(byte) {
                        return None;
                    }
                }
                at += 1 + usize::from(length);
            }
            3 => {
                let target = usize::from(message.short(at)? & 0x3fff);
                end = end.or(Some(at + 2));
                if target >= at {
                    return None;
                }
                at = target;
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
pub(crate) mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    pub const ASKED: &[u8] = b"\x03api\x07example\x03com\0";

    fn record(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        [owner, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &length.to_be_bytes(), data].concat()
    }

    pub fn message(records: &[Vec<u8>]) -> Vec<u8> {
        let count = u16::try_from(records.len()).unwrap();
        let head = [0x12, 0x34, 0x81, 0x80, 0, 1, count.to_be_bytes()[0], count.to_be_bytes()[1], 0, 0, 0, 0];
        [&head[..], ASKED, &[0, 1, 0, 1], &records.concat()].concat()
    }

    pub fn example() -> Vec<u8> {
        message(&[
            record(&[0xc0, 12], ALIAS, b"\x04edge\x03cdn\x00"),
            record(b"\x04EDGE\x03cdn\x00", ADDRESS, &[192, 0, 2, 7]),
            record(b"\x04edge\x03cdn\x00", ADDRESS_6, &[0x20; 16]),
            record(b"\x05other\x03cdn\x00", ADDRESS, &[192, 0, 2, 8]),
        ])
    }

    fn read(bytes: &[u8]) -> Option<(Vec<u8>, Vec<Answer>)> {
        let mut found = Vec::new();
        let host = answers(bytes, |one| found.push(one))?;
        Some((host.as_bytes().to_vec(), found))
    }

    #[test]
    fn an_address_belongs_to_the_name_that_was_asked_for_through_aliases() {
        let (host, found) = read(&example()).unwrap();
        assert_eq!(host, b"api.example.com");
        let addresses: Vec<_> = found.iter().map(|one| one.address).collect();
        assert_eq!(addresses, [mapped([192, 0, 2, 7]), [0x20; 16]]);
        assert_eq!(found[0].seconds, 60);
    }

    #[test]
    fn a_question_a_failure_and_a_truncated_answer_teach_nothing() {
        for (at, byte) in [(2, 0x01), (2, 0x83), (3, 0x83), (5, 2), (5, 0)] {
            let mut bytes = example();
            bytes[at] = byte;
            assert_eq!(read(&bytes), None, "{at} {byte}");
        }
    }

    #[test]
    fn pointers_to_themselves_or_forwards_are_refused() {
        for target in [ASKED.len() + 16, ASKED.len() + 40] {
            let owner = [0xc0, u8::try_from(target).unwrap()];
            assert_eq!(read(&message(&[record(&owner, ADDRESS, &[1; 4])])), None);
        }
    }

    #[test]
    fn a_name_with_bytes_that_no_host_has_is_refused() {
        let mut bytes = example();
        bytes[13] = b'\n';
        assert_eq!(read(&bytes), None);
    }
}
