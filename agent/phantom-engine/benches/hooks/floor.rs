//! A program that does nothing, where ours stand: what it costs there to run one at all, and to count that, with caches as cold as they
//! are for ours.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const PROG_LOAD: libc::c_int = 5;
const RAW_TRACEPOINT_OPEN: libc::c_int = 17;
const RAW_TRACEPOINT: u32 = 17;
/// `r0 = 0`, and the end.
const NOTHING: [u64; 2] = [0xb7, 0x95];

/// The beginning of `union bpf_attr` for `BPF_PROG_LOAD`; what follows is zeros.
#[repr(C)]
struct Load {
    kind: u32,
    count: u32,
    instructions: *const u64,
    license: *const libc::c_char,
    rest: [u64; 14],
}

#[repr(C)]
struct Open {
    name: *const libc::c_char,
    program: u32,
    pad: u32,
}

/// The program, attached to one raw tracepoint as long as this lives.
pub struct Floor {
    program: OwnedFd,
    _link: OwnedFd,
}

impl Floor {
    pub fn at(tracepoint: &CStr) -> io::Result<Self> {
        let license = c"GPL".as_ptr();
        let load =
            Load { kind: RAW_TRACEPOINT, count: 2, instructions: NOTHING.as_ptr(), license, rest: [0; 14] };
        let program = bpf(PROG_LOAD, &load)?;
        let number = program.as_raw_fd().cast_unsigned();
        let link = bpf(RAW_TRACEPOINT_OPEN, &Open { name: tracepoint.as_ptr(), program: number, pad: 0 })?;
        Ok(Self { program, _link: link })
    }

    /// Its file under `/proc/self/fdinfo`.
    pub fn descriptor(&self) -> i32 {
        self.program.as_raw_fd()
    }
}

fn bpf<T>(command: libc::c_int, attributes: &T) -> io::Result<OwnedFd> {
    // SAFETY: the attributes live on, and what they point to does; their size is told.
    let made = unsafe { libc::syscall(libc::SYS_bpf, command, &raw const *attributes, size_of::<T>()) };
    match i32::try_from(made) {
        // SAFETY: the kernel has just made it, and nobody else has it.
        Ok(number) if number >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(number) }),
        _ => Err(io::Error::last_os_error()),
    }
}
