//! The kernel's clock since boot, and what time of day that was.

use nix::time::{ClockId, clock_gettime};

use crate::observation::BootTime;

fn nanoseconds(clock: ClockId) -> i128 {
    clock_gettime(clock)
        .map_or(0, |time| i128::from(time.tv_sec()) * 1_000_000_000 + i128::from(time.tv_nsec()))
}

/// Nanoseconds since boot, time asleep included.
#[must_use]
pub fn now() -> BootTime {
    u64::try_from(nanoseconds(ClockId::CLOCK_BOOTTIME)).unwrap_or(0)
}

/// What one clock is ahead of the other. Each reading leaves it between two bounds, farther apart if something else ran meanwhile: all
/// together leave it between the nearest. A machine that may never have slept did not.
fn asleep() -> i128 {
    const NEAR: i128 = 20_000;
    let (mut least, mut most) = (0, i128::MAX);
    for _ in 0..16 {
        let before = nanoseconds(ClockId::CLOCK_MONOTONIC);
        let boot = nanoseconds(ClockId::CLOCK_BOOTTIME);
        let after = nanoseconds(ClockId::CLOCK_MONOTONIC);
        (least, most) = (least.max(boot - after), most.min(boot - before));
        if most - least < NEAR {
            break;
        }
    }
    least
}

/// A moment of `CLOCK_MONOTONIC`, which leaves time asleep out.
#[must_use]
pub fn from_monotonic(at: u64) -> BootTime {
    u64::try_from(i128::from(at) + asleep()).unwrap_or(0)
}

/// Microseconds since 1970 of a moment since boot. The time of day may be set meanwhile: it is that of now, taken back.
#[must_use]
pub fn unix_microseconds(at: BootTime) -> i64 {
    let since = nanoseconds(ClockId::CLOCK_BOOTTIME) - i128::from(at);
    i64::try_from((nanoseconds(ClockId::CLOCK_REALTIME) - since) / 1000).unwrap_or(0)
}
