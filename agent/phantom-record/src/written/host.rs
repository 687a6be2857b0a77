use std::borrow::Cow;

use super::{Written, fit, ip};

const MAX: usize = 253;
/// Characters that the URL standard forbids in a domain; its parser would take some of them for the end of the host.
const FORBIDDEN: &[u8] = b" #%/:<>?@[\\]^|\x7f";

/// `target_host` of a host as a program asked for it.
#[must_use]
pub fn host(raw: &[u8]) -> Written<'static> {
    let inner = match raw {
        [b'[', inner @ .., b']'] => inner,
        _ => raw,
    };
    let bytes = match std::str::from_utf8(inner) {
        Ok(text) => {
            if let Some(address) = ip::read(text) {
                return Written::whole(ip::ip(address));
            }
            Cow::Owned(zoned(text).unwrap_or_else(|| ascii_name(text)).into_bytes())
        }
        Err(_) => Cow::Borrowed(inner),
    };
    let lowered = bytes.to_ascii_lowercase();
    let name = match lowered.strip_suffix(b".").unwrap_or(&lowered) {
        b"" => b"localhost",
        name => name,
    };
    // The name of an address may have been spelt with a trailing dot: it is written without, as every name is.
    fit(name.iter().map(|&byte| unit(byte)), MAX, str::len)
}

fn unit(byte: u8) -> Cow<'static, str> {
    match byte {
        b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b':' | b'%' | b'-' => {
            Cow::Owned(char::from(byte).to_string())
        }
        _ => Cow::Owned(format!("%{byte:02x}")),
    }
}

/// An address with a zone id (RFC 4007), which keeps its percent sign.
fn zoned(text: &str) -> Option<String> {
    let (address, _) = text.split_once('%')?;
    let zone = &text[address.len()..];
    Some(ip::ip(ip::read(address)?) + zone)
}

fn ascii_name(text: &str) -> String {
    let forbidden = |byte: u8| byte < b' ' || FORBIDDEN.contains(&byte);
    if text.is_ascii() || text.bytes().any(forbidden) {
        return text.to_owned();
    }
    url::Host::parse(text).map_or_else(|_| text.to_owned(), |host| host.to_string())
}
