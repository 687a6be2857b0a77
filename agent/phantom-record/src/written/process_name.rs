use std::borrow::Cow;

use super::{Written, fit};

const MAX: usize = 64;

/// `process_name` of the bytes of a task's comm, without a final newline. `None` when it is empty.
#[must_use]
pub fn process_name(comm: &[u8]) -> Option<Written> {
    let units = comm.iter().map(|&byte| match byte {
        b' '..=b'~' if byte != b'\\' => Cow::Owned(char::from(byte).to_string()),
        _ => Cow::Owned(format!("\\x{byte:02x}")),
    });
    (!comm.is_empty()).then(|| fit(units, MAX, str::len))
}
