//! Says which capabilities are missing before the kernel answers EPERM, which would not tell which.

use crate::error::EngineError;

const SYS_ADMIN: u32 = 21;
/// By the number in `linux/capability.h`.
const NEEDED: [(u32, &str); 2] = [(38, "CAP_PERFMON"), (39, "CAP_BPF")];

/// Fails if this process may not load programs for tracing.
pub fn check() -> Result<(), EngineError> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let missing = missing(effective(&status));
    if missing.is_empty() {
        return Ok(());
    }
    let all = NEEDED.map(|(_, name)| name).join(" and ");
    Err(EngineError::MissingCapabilities(missing.join(" and "), all))
}

fn effective(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}

/// `CAP_SYS_ADMIN` stands for the two, which were cut out of it in Linux 5.8.
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
        assert_eq!(missing(effective("Name:\tx\nCapEff:\t0000008000000000\n")), ["CAP_PERFMON"]);
        assert_eq!(missing(0), ["CAP_PERFMON", "CAP_BPF"]);
    }

    #[test]
    fn all_powers_or_the_two_suffice() {
        assert!(missing(1 << SYS_ADMIN).is_empty());
        assert!(missing(1 << 38 | 1 << 39).is_empty());
    }
}
