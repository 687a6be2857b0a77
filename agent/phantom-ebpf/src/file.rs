//! Files that were opened, or could not be. All is read when the call returns: how it ended is known only then, and the kernel itself has
//! read the path, so it is there, while at the beginning it may not be in memory yet. A call costs one program, and no table.

use aya_ebpf::{helpers::bpf_probe_read_user, macros::tracepoint, programs::TracePointContext};
use phantom_common::{Kind, OpenCall, OpenHead};

use crate::{
    emit::report_scratch,
    exec::{user_text, walk_into},
    kernel::Typed,
    maps::SCRATCH,
    registers::{Registers, number},
    subject::{syscall_result, tag_of},
    walk::{self, AT_FDCWD},
};

pub const HEAD: usize = size_of::<OpenHead>();
/// `O_CREAT | O_WRONLY | O_TRUNC`
const CREAT_FLAGS: u64 = 0o1101;

/// What was asked for.
struct Open {
    call: OpenCall,
    descriptor: i32,
    /// Address of the path in the caller's memory.
    path: u64,
    flags: u64,
}

// Of open, openat, openat2 and creat. Observes.
#[tracepoint]
pub fn sys_exit_open(context: TracePointContext) -> u32 {
    let _ = try_open(&context);
    0
}

#[inline(always)]
fn try_open(context: &TracePointContext) -> Option<()> {
    let task = Typed::current();
    let tag = tag_of(task)?;
    let open = asked(Registers::of(task));
    let result = syscall_result(context);
    // SAFETY: the scratch is this processor's own.
    let scratch = unsafe { &mut *SCRATCH.get_ptr_mut(0)? };
    let path = user_text(scratch, HEAD, open.path);
    let mut marks = 0;
    let from = if scratch.body[HEAD] == b'/' { None } else { walk::directory(open.descriptor) };
    let directory = walk_into(HEAD + path, from, &mut marks);
    let head = OpenHead {
        flags: open.flags as u32,
        result: if result < 0 { result as i32 } else { 0 },
        call: open.call as u16,
        path: path as u16,
        directory: directory as u16,
        marks,
    };
    scratch.write_head(head);
    report_scratch(scratch, Kind::Open, &tag, task, HEAD + path + directory);
    None
}

/// open(filename, flags, mode), openat(dfd, filename, flags, mode), openat2(dfd, filename, how, size) or creat(pathname, mode).
#[inline(always)]
fn asked(registers: Registers) -> Open {
    let (first, second) = (registers.argument::<0>(), registers.argument::<1>());
    let (third, descriptor) = (registers.argument::<2>(), first as i32);
    match registers.number() {
        number::OPEN => Open { call: OpenCall::Open, descriptor: AT_FDCWD, path: first, flags: second },
        number::CREAT => {
            Open { call: OpenCall::Creat, descriptor: AT_FDCWD, path: first, flags: CREAT_FLAGS }
        }
        number::OPENAT => Open { call: OpenCall::Openat, descriptor, path: second, flags: third },
        _ => {
            // SAFETY: the helper checks the address.
            let flags = unsafe { bpf_probe_read_user(third as *const u64) }.unwrap_or(0);
            Open { call: OpenCall::Openat2, descriptor, path: second, flags }
        }
    }
}
