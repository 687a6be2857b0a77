//! Makes a path absolute as `schema/record.md` has it: the directory and a slash in front, and nothing else changed.

use phantom_common::{Directory, read_directory};

/// `directory` is as the kernel's programs wrote it; none if they could not see it, and the path then stays as it was passed.
#[must_use]
pub fn absolute(path: &[u8], directory: Option<&[u8]>) -> Vec<u8> {
    if path.first() == Some(&b'/') {
        return path.to_vec();
    }
    let Some(names) = directory.and_then(read_directory) else { return path.to_vec() };
    let mut whole = join(names, 1 + path.len());
    let is_open = whole.last().is_some_and(|byte| *byte != b'/');
    if whole.is_empty() || is_open && !path.is_empty() {
        whole.push(b'/');
    }
    whole.extend_from_slice(path);
    whole
}

/// A slash and a name each, the outmost first, with room for `more`. Made once for each open: it is written from its end, since names
/// come from the inmost outwards.
fn join(names: Directory<'_>, more: usize) -> Vec<u8> {
    let mut start: usize = names.clone().map(|name| 1 + name.len()).sum();
    let mut whole = Vec::with_capacity(start + more);
    whole.resize(start, b'/');
    for name in names {
        let end = start;
        start -= name.len();
        whole[start..end].copy_from_slice(name);
        start -= 1;
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &[u8] = &[3, 0, b'a', b'd', b'a', 4, 0, b'h', b'o', b'm', b'e'];

    #[test]
    fn puts_the_directory_in_front_of_a_relative_path_and_changes_nothing_else() {
        assert_eq!(absolute(b"../x//y", Some(HOME)), b"/home/ada/../x//y");
        assert_eq!(absolute(b"x", Some(&[])), b"/x");
        assert_eq!(absolute(b"", Some(&[])), b"/");
        assert_eq!(absolute(b"", Some(HOME)), b"/home/ada");
    }

    #[test]
    fn leaves_absolute_paths_and_those_whose_directory_is_not_seen() {
        assert_eq!(absolute(b"/a/../b", Some(HOME)), b"/a/../b");
        assert_eq!(absolute(b"x", None), b"x");
        assert_eq!(absolute(b"x", Some(&[9, 0, b'a'])), b"x");
    }
}
