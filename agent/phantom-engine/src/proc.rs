//! What `/proc` tells of a process. It may end, or become another, between any two reads: the start says which one it was.

use std::path::PathBuf;

/// A process as the tables know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Start, ticks since boot.
    pub start: u64,
    /// Process id of its parent, as we see it.
    pub parent: u32,
    /// Its id as it sees it itself.
    pub ns_pid: u32,
    /// Inode of its pid namespace.
    pub pid_ns: u32,
}

/// More environment than any system lets a program have is not read.
const ENVIRONMENT_MAX: u64 = 1 << 20;

fn file(pid: u32, name: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{name}"))
}

/// Everything about one process; none if it is gone.
#[must_use]
pub fn read(pid: u32) -> Option<Known> {
    let (start, parent) = parse_stat(&std::fs::read(file(pid, "stat")).ok()?)?;
    let status = std::fs::read_to_string(file(pid, "status")).ok()?;
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
    let ns_pid = ids.split_whitespace().next_back()?.parse().ok()?;
    let namespace = std::fs::read_link(file(pid, "ns/pid")).ok()?;
    let pid_ns = parse_namespace(namespace.to_str()?)?;
    Some(Known { start, parent, ns_pid, pid_ns })
}

/// Its start alone.
#[must_use]
pub fn start(pid: u32) -> Option<u64> {
    parse_stat(&std::fs::read(file(pid, "stat")).ok()?).map(|(start, _)| start)
}

/// Whether it is there and has not begun to end.
#[must_use]
pub fn is_running(pid: u32, start: u64) -> bool {
    const EXITING: u64 = 4;
    let line = std::fs::read(file(pid, "stat")).unwrap_or_default();
    let is_it = parse_stat(&line).is_some_and(|(found, _)| found == start);
    let flags = || {
        let after = line.iter().rposition(|byte| *byte == b')')? + 1;
        std::str::from_utf8(line.get(after..)?).ok()?.split_whitespace().nth(6)?.parse::<u64>().ok()
    };
    is_it && flags().is_some_and(|flags| flags & EXITING == 0)
}

/// The second field is the name in parentheses, which may itself hold parentheses, spaces and any other byte.
pub(crate) fn parse_stat(line: &[u8]) -> Option<(u64, u32)> {
    let after = line.iter().rposition(|byte| *byte == b')')? + 1;
    let rest = std::str::from_utf8(line.get(after..)?).ok()?;
    let mut fields = rest.split_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let start = fields.nth(17)?.parse().ok()?;
    Some((start, parent))
}

fn parse_namespace(link: &str) -> Option<u32> {
    link.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok()
}

/// All processes that there are now.
#[must_use]
pub fn all() -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The path of its cgroup in the v2 hierarchy.
#[must_use]
pub fn cgroup(pid: u32) -> Option<String> {
    parse_cgroup(&std::fs::read(file(pid, "cgroup")).ok()?)
}

/// Who makes a folder names it by any bytes: one of a strange name must not hide what is in it.
pub(crate) fn parse_cgroup(text: &[u8]) -> Option<String> {
    let mut lines = text.split(|byte| *byte == b'\n');
    let path = lines.find_map(|line| line.strip_prefix(b"0::"))?;
    Some(String::from_utf8_lossy(path).into_owned())
}

/// Most environments fit into it, and are then read at once.
const PAGE: usize = 4096;

/// What its environment claims; an error if it cannot be read.
pub fn claim(pid: u32) -> std::io::Result<Option<[u8; 16]>> {
    use std::io::Read;
    let mut bytes = Vec::with_capacity(PAGE);
    std::fs::File::open(file(pid, "environ"))?.take(ENVIRONMENT_MAX).read_to_end(&mut bytes)?;
    Ok(find_claim(&bytes))
}

pub(crate) fn find_claim(environment: &[u8]) -> Option<[u8; 16]> {
    let value =
        environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(b"VANTIO_TRACE_ID="))?;
    parse_trace(std::str::from_utf8(value).ok()?)
}

/// 32 lower-case digits, not all zeros.
#[must_use]
pub fn parse_trace(digits: &str) -> Option<[u8; 16]> {
    let mut trace = [0; 16];
    if digits.len() != 32 || !digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    for (byte, at) in trace.iter_mut().zip((0..32).step_by(2)) {
        *byte = u8::from_str_radix(&digits[at..at + 2], 16).ok()?;
    }
    (trace != [0; 16]).then_some(trace)
}

/// The inverse.
#[must_use]
pub fn write_trace(trace: [u8; 16]) -> String {
    use std::fmt::Write;
    trace.iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_parentheses_and_spaces_does_not_move_the_fields() {
        let stat = b"7 (a) S 9 (b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20";
        assert_eq!(parse_stat(stat), Some((4242, 1)));
        assert_eq!(parse_stat(b"7 (cut short"), None);
        assert_eq!(parse_stat(b"7 (a) S 1"), None);
    }

    #[test]
    fn a_cgroup_of_a_strange_name_is_still_below_the_one_around_it() {
        let path = parse_cgroup(b"1:name=systemd:/\n0::/agents/\xff\n").unwrap();
        assert!(std::path::Path::new(&path).starts_with("/agents"));
        assert_eq!(parse_cgroup(b"1:name=systemd:/\n"), None);
    }

    #[test]
    fn reads_itself() {
        let own = read(std::process::id()).unwrap();
        assert_eq!(own.start, start(std::process::id()).unwrap());
        assert!(own.start > 0 && own.pid_ns > 0);
    }

    #[test]
    fn a_claim_is_32_lower_case_digits_and_not_all_zeros() {
        let digits = "00112233445566778899aabbccddeeff";
        assert_eq!(write_trace(parse_trace(digits).unwrap()), digits);
        for wrong in [
            "",
            "0011",
            &digits.to_uppercase(),
            &"0".repeat(32),
            &format!("{digits}0"),
            "é".repeat(16).as_str(),
        ] {
            assert_eq!(parse_trace(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn finds_the_claim_wherever_it_stands() {
        let text = b"A=1\0XVANTIO_TRACE_ID=1\0VANTIO_TRACE_ID=00112233445566778899aabbccddeeff\0";
        assert_eq!(find_claim(text).map(write_trace).as_deref(), Some("00112233445566778899aabbccddeeff"));
    }
}
