//! Debian's kernels keep all of perf, tracepoints too, for `CAP_SYS_ADMIN` when `kernel.perf_event_paranoid` is above 2. Other kernels know no
//! such level: whether this one keeps to it is found by asking for an event that never happens.

use std::io;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use aya_obj::generated::{perf_event_attr, perf_sw_ids, perf_type_id};

use crate::error::EngineError;

const SETTING: &str = "/proc/sys/kernel/perf_event_paranoid";

/// Fails if this process gets no tracepoints for the setting's sake.
pub fn check() -> Result<(), EngineError> {
    let level = std::fs::read_to_string(SETTING).ok().and_then(|text| text.trim().parse::<i32>().ok());
    match level.filter(|level| *level > 2) {
        Some(level) if nothing().is_err() => Err(EngineError::Paranoid(level)),
        _ => Ok(()),
    }
}

/// An event of perf that never happens, of this process, outside of the kernel: every other setting allows it.
fn nothing() -> io::Result<OwnedFd> {
    // SAFETY: numbers alone, all of which may be zero.
    let mut attr: perf_event_attr = unsafe { std::mem::zeroed() };
    attr.type_ = perf_type_id::PERF_TYPE_SOFTWARE as u32;
    attr.size = u32::try_from(size_of::<perf_event_attr>()).map_err(io::Error::other)?;
    attr.config = perf_sw_ids::PERF_COUNT_SW_DUMMY as u64;
    attr.set_exclude_kernel(1);
    let (this_process, any_processor, no_group, close_on_exec) = (0, -1, -1, 8);
    // SAFETY: the attribute outlives the call, and its size is in it.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_perf_event_open,
            &raw const attr,
            this_process,
            any_processor,
            no_group,
            close_on_exec,
        )
    };
    let fd = RawFd::try_from(fd).map_err(io::Error::other)?;
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the kernel gave it to us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asks_for_what_a_kernel_has() {
        match (nothing(), check()) {
            (Ok(_), checked) => assert!(checked.is_ok()),
            // Perf may be forbidden here altogether, but never for want of sense in what was asked.
            (Err(error), _) => assert_ne!(error.raw_os_error(), Some(libc::EINVAL), "{error}"),
        }
    }
}
