//! Reading the kernel's structures, at the offsets that the agent found in BTF.

use aya_ebpf::helpers::{bpf_probe_read_kernel, generated::bpf_get_current_task_btf};
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

/// A structure of the kernel.
pub trait Structure: Copy {
    /// Reads a number of at most eight bytes; a place that cannot be read gives none, or zeros.
    fn read<T: Copy>(self, offset: u32) -> Option<T>;

    /// The structure that a member points to.
    fn follow(self, offset: u32) -> Option<Self>;

    /// Its address.
    fn address(self) -> u64;
}

/// Known by its address alone: each read is a call of a helper, which checks it.
impl Structure for u64 {
    #[inline(always)]
    fn read<T: Copy>(self, offset: u32) -> Option<T> {
        read(self, offset)
    }

    #[inline(always)]
    fn follow(self, offset: u32) -> Option<Self> {
        read(self, offset)
    }

    #[inline(always)]
    fn address(self) -> u64 {
        self
    }
}

/// Handed over by a BTF tracepoint, or the task that runs now: the verifier knows its type and those of what it points to, and each read is
/// one instruction, which gives zeros where there is nothing to read.
#[derive(Clone, Copy)]
pub struct Typed(*const u8);

impl Typed {
    /// An argument of a BTF tracepoint that is a structure.
    #[inline(always)]
    pub fn argument(context: &aya_ebpf::programs::BtfTracePointContext, number: usize) -> Self {
        Self(context.arg(number))
    }

    /// The task that runs now. Not in programs on packets, which may not ask.
    #[inline(always)]
    pub fn current() -> Self {
        // SAFETY: the helper has no condition.
        Self(unsafe { bpf_get_current_task_btf() }.cast())
    }

    /// A structure that a helper gave.
    #[inline(always)]
    pub fn at(address: *const u8) -> Self {
        Self(address)
    }
}

impl Structure for Typed {
    #[inline(always)]
    fn read<T: Copy>(self, offset: u32) -> Option<T> {
        const { assert!(size_of::<T>() <= 8) };
        // SAFETY: the verifier refuses a read that is not within a member of the structure.
        Some(unsafe { self.0.add(offset as usize).cast::<T>().read_volatile() })
    }

    #[inline(always)]
    fn follow(self, offset: u32) -> Option<Self> {
        self.read(offset).map(Self)
    }

    #[inline(always)]
    fn address(self) -> u64 {
        self.0 as u64
    }
}

/// Reads a member of the structure at an address; an address that cannot be read gives none.
#[inline(always)]
pub fn read<T>(address: u64, offset: u32) -> Option<T> {
    // SAFETY: the helper checks the address, and every T read here is a plain integer.
    unsafe { bpf_probe_read_kernel((address + u64::from(offset)) as *const T) }.ok()
}

#[inline(always)]
pub fn start_of<S: Structure>(task: S) -> Option<u64> {
    task.follow(offset!(task_group_leader))?.read(offset!(task_start_boottime))
}

#[inline(always)]
pub fn tgid_of<S: Structure>(task: S) -> Option<u32> {
    task.read(offset!(task_tgid))
}

/// A process id as seen from a pid namespace.
#[derive(Clone, Copy, Default)]
pub struct NsPid {
    pub number: u32,
    /// Inode of the namespace.
    pub inode: u32,
}

/// The initial pid namespace's inode, fixed by the kernel (`PROC_PID_INIT_INO`).
pub const INITIAL: u32 = 0xefff_fffc;

/// The `struct pid` of a thread group.
#[inline(always)]
fn pid_of<S: Structure>(task: S) -> Option<S> {
    const PIDTYPE_TGID: u32 = 1;
    task.follow(offset!(task_signal))?.follow(offset!(signal_pids) + PIDTYPE_TGID * 8)
}

/// The process id as the process itself sees it.
#[inline(always)]
pub fn own_pid<S: Structure>(task: S) -> Option<NsPid> {
    let pid = pid_of(task)?;
    let level: u32 = pid.read(offset!(pid_level))?;
    if level == 0 {
        return Some(NsPid { number: tgid_of(task)?, inode: INITIAL });
    }
    let upid = upid_at(pid, level);
    let namespace: u64 = read(upid, offset!(upid_ns))?;
    Some(NsPid {
        number: read(upid, offset!(upid_nr))?,
        inode: read(namespace, offset!(pid_namespace_inum))?,
    })
}

/// The parent's process id as seen from the namespace of the child, whose inode is `namespace`; 0 if the parent is not in it.
#[inline(always)]
pub fn parent_pid<S: Structure>(task: S, namespace: u32) -> Option<u32> {
    let parent = task.follow(offset!(task_real_parent))?;
    if namespace == INITIAL {
        return tgid_of(parent);
    }
    let own: u32 = pid_of(task)?.read(offset!(pid_level))?;
    let pid = pid_of(parent)?;
    let level: u32 = pid.read(offset!(pid_level))?;
    if level < own {
        return Some(0);
    }
    read(upid_at(pid, own), offset!(upid_nr))
}

/// Where a `struct pid` has its number in the namespace of a level. The verifier of 6.1 takes `pid` for a pointer of its type still, lets
/// only a bounded number be added to it, and forgets the bounds of a product: 33 levels of 16 bytes are within these.
#[inline(always)]
fn upid_at<S: Structure>(pid: S, level: u32) -> u64 {
    const BOUND: u64 = 1023;
    let upid = (u64::from(level) * u64::from(offset!(upid_size))) & BOUND;
    pid.address() + u64::from(offset!(pid_numbers)) + upid
}
