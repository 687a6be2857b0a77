//! Reading the kernel's structures, at the offsets that the agent found in BTF.

use aya_ebpf::helpers::bpf_probe_read_kernel;
use phantom_common::Offsets;

/// Set by the agent before it loads the programs.
#[unsafe(no_mangle)]
pub static OFFSETS: Offsets = Offsets::ZERO;

/// One offset. Volatile, since the compiler must not take the zeros above for the value.
macro_rules! offset {
    ($name:ident) => {
        // SAFETY: a field of a static.
        unsafe { core::ptr::read_volatile(&raw const $crate::kernel::OFFSETS.$name) }
    };
}
pub(crate) use offset;

/// Reads a member of the structure at an address; an address that cannot be read gives none.
#[inline(always)]
pub fn read<T>(address: u64, offset: u32) -> Option<T> {
    // SAFETY: the helper checks the address, and every T read here is a plain integer.
    unsafe { bpf_probe_read_kernel((address + u64::from(offset)) as *const T) }.ok()
}

#[inline(always)]
pub fn start_of(task: u64) -> Option<u64> {
    read(read(task, offset!(task_group_leader))?, offset!(task_start_boottime))
}

#[inline(always)]
pub fn tgid_of(task: u64) -> Option<u32> {
    read(task, offset!(task_tgid))
}

/// A process id as seen from a pid namespace.
#[derive(Clone, Copy, Default)]
pub struct NsPid {
    pub number: u32,
    /// Inode of the namespace.
    pub inode: u32,
}

/// The `struct pid` of a thread group.
#[inline(always)]
fn pid_of(task: u64) -> Option<u64> {
    const PIDTYPE_TGID: u32 = 1;
    let signal: u64 = read(task, offset!(task_signal))?;
    read(signal, offset!(signal_pids) + PIDTYPE_TGID * 8)
}

/// The process id as the process itself sees it.
#[inline(always)]
pub fn own_pid(task: u64) -> Option<NsPid> {
    let pid = pid_of(task)?;
    let level: u32 = read(pid, offset!(pid_level))?;
    let upid = pid + u64::from(offset!(pid_numbers)) + u64::from(level) * u64::from(offset!(upid_size));
    let namespace: u64 = read(upid, offset!(upid_ns))?;
    Some(NsPid {
        number: read(upid, offset!(upid_nr))?,
        inode: read(namespace, offset!(pid_namespace_inum))?,
    })
}

/// The parent's process id as seen from the namespace of the child; 0 if the parent is not in it.
#[inline(always)]
pub fn parent_pid(task: u64) -> Option<u32> {
    let own: u32 = read(pid_of(task)?, offset!(pid_level))?;
    let pid = pid_of(read(task, offset!(task_real_parent))?)?;
    let level: u32 = read(pid, offset!(pid_level))?;
    if level < own {
        return Some(0);
    }
    let upid = u64::from(own) * u64::from(offset!(upid_size));
    read(pid + u64::from(offset!(pid_numbers)) + upid, offset!(upid_nr))
}
