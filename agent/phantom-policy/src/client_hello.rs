//! The name in a TLS `ClientHello`, from the first bytes that a client sends. The message may lie in several records, and those in several segments.

use crate::{Bytes, Host};

/// What the first bytes of a connection say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "there is no memory to box a name in")]
pub enum Hello {
    /// Names the host.
    Name(Host),
    /// A whole `ClientHello` without a name, or with one that is no host name.
    Nameless,
    /// It goes on in bytes that are not here.
    Incomplete,
    /// Not TLS.
    Other,
}

/// Why reading stopped.
#[derive(Clone, Copy)]
enum Stop {
    Incomplete,
    Other,
}

const HANDSHAKE: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
/// The most that one record may hold.
const RECORD_MAX: u16 = (1 << 14) + 256;
const EXTENSIONS_MAX: usize = 64;
/// Records that one message may be cut into here.
const RECORDS_MAX: usize = 64;

/// A place in the handshake, which the headers of records do not belong to.
struct Cursor<'a, B: ?Sized> {
    bytes: &'a B,
    at: usize,
    /// Bytes until the record ends.
    left: usize,
}

impl<B: Bytes + ?Sized> Cursor<'_, B> {
    /// Steps into the next record while this one is used up.
    fn enter(&mut self) -> Result<(), Stop> {
        for _ in 0..RECORDS_MAX {
            if self.left > 0 {
                return Ok(());
            }
            let kind = self.bytes.byte(self.at).ok_or(Stop::Incomplete)?;
            let major = self.bytes.byte(self.at + 1).ok_or(Stop::Incomplete)?;
            let length = self.bytes.short(self.at + 3).ok_or(Stop::Incomplete)?;
            if kind != HANDSHAKE || major != 3 || length > RECORD_MAX {
                return Err(Stop::Other);
            }
            self.at += 5;
            self.left = usize::from(length);
        }
        Err(Stop::Other)
    }

    fn byte(&mut self) -> Result<u8, Stop> {
        self.enter()?;
        let byte = self.bytes.byte(self.at).ok_or(Stop::Incomplete)?;
        self.at += 1;
        self.left -= 1;
        Ok(byte)
    }

    fn short(&mut self) -> Result<u16, Stop> {
        Ok(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, count: usize) -> Result<(), Stop> {
        let mut rest = count;
        for _ in 0..RECORDS_MAX {
            if rest == 0 {
                return Ok(());
            }
            self.enter()?;
            let step = rest.min(self.left);
            self.at += step;
            self.left -= step;
            rest -= step;
        }
        Err(Stop::Other)
    }
}

/// Reads the beginning of what a client sent.
pub fn server_name<B: Bytes + ?Sized>(bytes: &B) -> Hello {
    match read(&mut Cursor { bytes, at: 0, left: 0 }) {
        Ok(hello) => hello,
        Err(Stop::Incomplete) => Hello::Incomplete,
        Err(Stop::Other) => Hello::Other,
    }
}

fn read<B: Bytes + ?Sized>(cursor: &mut Cursor<'_, B>) -> Result<Hello, Stop> {
    if cursor.byte()? != CLIENT_HELLO {
        return Err(Stop::Other);
    }
    // Its length, version and random number.
    cursor.skip(3 + 2 + 32)?;
    let session = cursor.byte()?;
    cursor.skip(usize::from(session))?;
    let ciphers = cursor.short()?;
    cursor.skip(usize::from(ciphers))?;
    let compressions = cursor.byte()?;
    cursor.skip(usize::from(compressions))?;
    let mut left = usize::from(cursor.short()?);
    for _ in 0..EXTENSIONS_MAX {
        if left < 4 {
            return Ok(Hello::Nameless);
        }
        let (kind, length) = (cursor.short()?, cursor.short()?);
        if kind == SERVER_NAME {
            return name(cursor, length);
        }
        cursor.skip(usize::from(length))?;
        left = left.saturating_sub(4 + usize::from(length));
    }
    Ok(Hello::Nameless)
}

/// A list of one name, of the only kind there is.
fn name<B: Bytes + ?Sized>(cursor: &mut Cursor<'_, B>, extension: u16) -> Result<Hello, Stop> {
    const HOST_NAME: u8 = 0;
    if extension < 5 {
        return Ok(Hello::Nameless);
    }
    cursor.skip(2)?;
    let kind = cursor.byte()?;
    let length = usize::from(cursor.short()?);
    if kind != HOST_NAME || length > Host::MAX + 1 || length + 5 > usize::from(extension) {
        return Ok(Hello::Nameless);
    }
    let mut text = [0; Host::MAX + 1];
    for place in text.iter_mut().take(length) {
        *place = cursor.byte()?;
    }
    Ok(Host::read(&text[..length]).map_or(Hello::Nameless, Hello::Name))
}

#[cfg(test)]
pub(crate) mod tests {
    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn length(bytes: &[u8]) -> [u8; 2] {
        u16::try_from(bytes.len()).unwrap().to_be_bytes()
    }

    fn with_length(bytes: &[u8]) -> Vec<u8> {
        [&length(bytes)[..], bytes].concat()
    }

    fn records(handshake: &[u8], size: usize) -> Vec<u8> {
        handshake
            .chunks(size)
            .flat_map(|part| [&[HANDSHAKE, 3, 1][..], &with_length(part)].concat())
            .collect()
    }

    /// As clients write it, with a large extension before the name.
    pub fn hello(name: Option<&[u8]>, record: usize) -> Vec<u8> {
        let large = [&[0, 51][..], &with_length(&[7; 1200])].concat();
        let named = name.map_or(Vec::new(), |name| {
            let entry = [&[0][..], &with_length(name)].concat();
            [&[0, 0][..], &with_length(&with_length(&entry))].concat()
        });
        let extensions = with_length(&[large, named].concat());
        let body =
            [&[3, 3][..], &[9; 32], &[32], &[8; 32], &with_length(&[0x13, 1, 0x13, 2]), &[1, 0], &extensions]
                .concat();
        let [high, low] = length(&body);
        records(&[&[CLIENT_HELLO, 0, high, low][..], &body].concat(), record)
    }

    #[test]
    fn finds_the_name_however_the_message_is_cut_into_records() {
        let host = Host::read(b"api.openai.com").unwrap();
        for size in [16_000, 1250, 700, 40] {
            assert_eq!(server_name(&hello(Some(b"api.OpenAI.com"), size)[..]), Hello::Name(host), "{size}");
        }
    }

    #[test]
    fn cut_anywhere_it_is_incomplete_and_never_another_name() {
        let bytes = hello(Some(b"api.openai.com"), 16_000);
        for cut in 0..bytes.len() {
            assert_eq!(server_name(&bytes[..cut]), Hello::Incomplete, "{cut}");
        }
    }

    #[test]
    fn without_a_name_or_with_one_that_is_none_it_is_nameless() {
        for name in [None, Some(&b"a\0b"[..]), Some(b""), Some(&[b'a'; 300])] {
            assert_eq!(server_name(&hello(name, 16_000)[..]), Hello::Nameless);
        }
    }

    #[test]
    fn other_protocols_are_not_tls() {
        for bytes in
            [&b"GET / HTTP/1.1\r\n"[..], b"SSH-2.0-x", &[22, 3, 1, 0xff, 0xff, 1], &[22, 3, 1, 0, 4, 2]]
        {
            assert_eq!(server_name(bytes), Hello::Other);
        }
    }
}
