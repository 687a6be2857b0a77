//! A directory, as the kernel's programs write it: the names from the inmost outwards, each with its length in front.

/// Longest path that a system call takes, the final zero included.
pub const PATH_MAX: usize = 4096;
/// Room for the names of a directory.
pub const WALK_MAX: usize = 4096;
/// Longest entry: two bytes of length and a name of 255.
pub const WALK_ENTRY_MAX: usize = 257;

/// The names of a directory from the inmost outwards.
#[derive(Debug, Clone)]
pub struct Directory<'a>(&'a [u8]);

/// Reads the entries; none if a length points past the end.
#[must_use]
pub fn read_directory(bytes: &[u8]) -> Option<Directory<'_>> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let (_, after) = split_entry(rest)?;
        rest = after;
    }
    Some(Directory(bytes))
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(u16::from_ne_bytes(*length) as usize)
}

impl<'a> Iterator for Directory<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (name, rest) = split_entry(self.0)?;
        self.0 = rest;
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_from_the_inmost_outwards() {
        let bytes = [3, 0, b'l', b'i', b'b', 3, 0, b'u', b's', b'r'];
        assert!(read_directory(&bytes).unwrap().eq([b"lib", b"usr"]));
    }

    #[test]
    fn refuses_a_length_past_the_end() {
        assert!(read_directory(&[4, 0, b'l', b'i', b'b']).is_none());
        assert!(read_directory(&[4]).is_none());
    }
}
