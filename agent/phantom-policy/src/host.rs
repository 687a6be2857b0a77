/// A host name from the wire: lower case, bounded, of the letters that host names have.
#[derive(Debug, Clone, Copy)]
pub struct Host {
    bytes: [u8; Host::MAX],
    length: usize,
}

impl Host {
    /// Longest name that DNS has.
    pub const MAX: usize = 253;

    /// Nothing yet.
    pub const EMPTY: Self = Self { bytes: [0; Self::MAX], length: 0 };

    /// Adds one byte; false if it is no letter of a host name, or one too many.
    pub fn push(&mut self, byte: u8) -> bool {
        let lower = byte.to_ascii_lowercase();
        let is_letter = matches!(lower, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        let Some(place) = self.bytes.get_mut(self.length).filter(|_| is_letter) else { return false };
        *place = lower;
        self.length += 1;
        true
    }

    /// The name.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Reads a name whole; none if it is empty, has an empty label, or any byte that no host name has.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = text.strip_suffix(b".").unwrap_or(text);
        let mut host = Self::EMPTY;
        let is_host = !text.is_empty()
            && text.split(|byte| *byte == b'.').all(|label| (1..=63).contains(&label.len()))
            && text.iter().all(|byte| host.push(*byte));
        is_host.then_some(host)
    }
}

impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Host {}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    #[test]
    fn a_name_is_lower_case_without_its_final_dot() {
        assert_eq!(Host::read(b"API.OpenAI.com.").unwrap().as_bytes(), b"api.openai.com");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for wrong in [&b""[..], b".", b"a..b", b"a b", b"a\0b", b"\xc3\xa9", &[b'a'; 64], &b"ab.".repeat(90)]
        {
            assert_eq!(Host::read(wrong), None, "{wrong:?}");
        }
    }
}
