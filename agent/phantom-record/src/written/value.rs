use std::borrow::Cow;

use super::{Written, fit};

const MAX_UTF16: usize = 4096;

/// The value of a commitment: a path or a name as the kernel or a program gave it. `None` when it is empty.
#[must_use]
pub fn value(bytes: &[u8]) -> Option<Written<'_>> {
    if bytes.is_empty() {
        return None;
    }
    let width = |text: &str| text.encode_utf16().count();
    Some(match std::str::from_utf8(bytes) {
        Ok(text) if text.len() <= MAX_UTF16 => Written::whole(text),
        Ok(text) => fit(text.chars().map(|c| Cow::Owned(c.to_string())), MAX_UTF16, width),
        Err(_) => fit(units(bytes), MAX_UTF16, width),
    })
}

/// Well-formed characters as they are; a backslash and every other byte as an escape.
fn units(bytes: &[u8]) -> impl Iterator<Item = Cow<'_, str>> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let plain = chunk.valid().chars().map(|c| match c {
            '\\' => Cow::Borrowed("\\x5c"),
            _ => Cow::Owned(c.to_string()),
        });
        let escaped = chunk.invalid().iter().map(|byte| Cow::Owned(format!("\\x{byte:02x}")));
        plain.chain(escaped)
    })
}
