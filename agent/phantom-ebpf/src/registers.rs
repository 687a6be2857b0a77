//! What a system call was entered with, read when it returns: the kernel keeps the arguments where they were, but for the one
//! that becomes the result on arm64, of which it has another copy.

use aya_ebpf::helpers::generated::bpf_task_pt_regs;

use crate::kernel::{Structure, Typed};

/// Where `struct pt_regs` has a call's arguments and its number. The kernel promises its user space as much (ptrace, core files).
#[cfg(bpf_target_arch = "x86_64")]
mod place {
    pub const ARGUMENTS: [u32; 5] = [112, 104, 96, 56, 72];
    pub const NUMBER: u32 = 120;
}
#[cfg(bpf_target_arch = "aarch64")]
mod place {
    pub const ARGUMENTS: [u32; 5] = [272, 8, 16, 24, 32];
    pub const NUMBER: u32 = 280;
}

/// Numbers of calls.
#[cfg(bpf_target_arch = "x86_64")]
pub mod number {
    pub const OPEN: u32 = 2;
    pub const CREAT: u32 = 85;
    pub const OPENAT: u32 = 257;
    pub const EXECVEAT: u32 = 322;
}
#[cfg(bpf_target_arch = "aarch64")]
pub mod number {
    /// There are no such calls.
    pub const OPEN: u32 = u32::MAX;
    pub const CREAT: u32 = u32::MAX - 1;
    pub const OPENAT: u32 = 56;
    pub const EXECVEAT: u32 = 281;
}

/// The registers with which a task entered the kernel.
#[derive(Clone, Copy)]
pub struct Registers(Typed);

impl Registers {
    /// Of the task that runs now, as a helper or a tracepoint gave it.
    #[inline(always)]
    pub fn of(task: Typed) -> Self {
        // SAFETY: the verifier refuses anything but a task.
        Self(Typed::at(unsafe { bpf_task_pt_regs(task.address() as *mut _) } as *const u8))
    }

    /// An argument of the call.
    #[inline(always)]
    pub fn argument<const AT: usize>(self) -> u64 {
        self.0.read(place::ARGUMENTS[AT]).unwrap_or(0)
    }

    /// The number of the call: one of [`number`] or another, also of a 32-bit program, whose numbers for these calls are none of these.
    #[inline(always)]
    pub fn number(self) -> u32 {
        self.0.read(place::NUMBER).unwrap_or(u32::MAX)
    }
}
