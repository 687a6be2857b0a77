//! The name of a process, held where it is needed: each observation has one.

use std::fmt::{Debug, Formatter, Result};
use std::ops::Deref;

/// The kernel's room for it, the final zero included.
const ROOM: usize = 16;

/// What a thread calls itself: bytes without a zero, which may be anything else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name([u8; ROOM]);

impl Name {
    /// These bytes up to the first zero, or as many as there is room for.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut name = [0; ROOM];
        for (to, from) in name.iter_mut().zip(bytes.iter().take_while(|byte| **byte != 0)) {
            *to = *from;
        }
        Self(name)
    }
}

impl Deref for Name {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.0.split(|byte| *byte == 0).next().unwrap_or_default()
    }
}

impl Debug for Name {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "\"{}\"", self.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_its_first_zero_and_what_follows_is_no_part_of_it() {
        for (bytes, name) in [
            (&b"cat\0\0\0"[..], &b"cat"[..]),
            (b"cat\0left over", b"cat"),
            (b"\0", b""),
            (b"sixteen bytes of it", b"sixteen bytes of"),
        ] {
            assert_eq!(&*Name::of(bytes), name);
            assert_eq!(Name::of(bytes), Name::of(name));
        }
        assert_eq!(format!("{:?}", Name::of(b"\x1b[2J")), r#""\x1b[2J""#);
    }
}
