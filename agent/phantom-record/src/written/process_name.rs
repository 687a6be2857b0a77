use std::borrow::Cow;

use super::{Written, fit};

const MAX: usize = 64;

/// `process_name` of the bytes of a task's comm, without a final newline. `None` when it is empty.
#[must_use]
pub fn process_name(comm: &[u8]) -> Option<Written<'_>> {
    if comm.is_empty() {
        return None;
    }
    if comm.len() <= MAX
        && comm.iter().all(|&byte| is_plain(byte))
        && let Ok(text) = std::str::from_utf8(comm)
    {
        return Some(Written::whole(text));
    }
    Some(escaped(comm))
}

fn escaped(comm: &[u8]) -> Written<'static> {
    let units = comm.iter().map(|&byte| match byte {
        _ if is_plain(byte) => Cow::Owned(char::from(byte).to_string()),
        _ => Cow::Owned(format!("\\x{byte:02x}")),
    });
    fit(units, MAX, str::len)
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_no_escape_is_written_as_if_it_were_looked_at_byte_by_byte() {
        for byte in 0..=u8::MAX {
            for length in [1, 15, 63, 64, 65] {
                let mut comm = vec![b'a'; length];
                comm[length / 2] = byte;
                assert_eq!(process_name(&comm), Some(escaped(&comm)));
            }
        }
    }
}
