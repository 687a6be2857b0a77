//! Says which capabilities are missing before the kernel answers EPERM, which would not tell which.

use crate::error::EngineError;
use crate::paranoid;

const SYS_ADMIN: u32 = 21;
/// By the number in `linux/capability.h`.
const NEEDED: [(u32, &str); 3] = [(12, "CAP_NET_ADMIN"), (38, "CAP_PERFMON"), (39, "CAP_BPF")];

/// Fails if this process may not load programs for tracing.
pub fn check() -> Result<(), EngineError> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let missing = missing(effective(&status));
    if missing.is_empty() {
        return paranoid::check();
    }
    Err(EngineError::MissingCapabilities(list(&missing), list(&NEEDED.map(|(_, name)| name))))
}

fn list(names: &[&str]) -> String {
    match names {
        [first @ .., second, last] if !first.is_empty() => {
            format!("{}, {second} and {last}", first.join(", "))
        }
        names => names.join(" and "),
    }
}

/// Whether this process may mount.
pub fn is_administrator() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    effective(&status) >> SYS_ADMIN & 1 == 1
}

fn effective(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}

/// `CAP_SYS_ADMIN` stands for them: two were cut out of it in Linux 5.8, and programs that look at packets ask for either.
fn missing(effective: u64) -> Vec<&'static str> {
    let has = |number: u32| effective >> number & 1 == 1;
    let lacking = NEEDED.iter().filter(|(number, _)| !has(*number) && !has(SYS_ADMIN));
    lacking.map(|(_, name)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_is_missing() {
        assert_eq!(missing(effective("Name:\tx\nCapEff:\t0000008000001000\n")), ["CAP_PERFMON"]);
        assert_eq!(list(&missing(0)), "CAP_NET_ADMIN, CAP_PERFMON and CAP_BPF");
        assert_eq!(list(&missing(1 << 12)), "CAP_PERFMON and CAP_BPF");
    }

    #[test]
    fn all_powers_or_the_three_suffice() {
        assert!(missing(1 << SYS_ADMIN).is_empty());
        assert!(missing(1 << 12 | 1 << 38 | 1 << 39).is_empty());
    }
}
