//! Files that were opened, or could not be. The path is read when the call returns: by then the kernel itself has read it, so
//! it is there, while at the beginning it may not be in memory yet.

use aya_ebpf::{helpers::bpf_probe_read_user, macros::tracepoint, programs::TracePointContext};
use phantom_common::{Kind, LossReason, OpenCall, OpenHead};

use crate::{
    emit::{lost, report_scratch},
    exec::{Call, user_text, walk_into},
    maps::{CALLS, SCRATCH},
    subject::{current_tag, current_task, syscall_argument},
    walk::{self, AT_FDCWD},
};

pub const HEAD: usize = size_of::<OpenHead>();
/// `O_CREAT | O_WRONLY | O_TRUNC`
const CREAT_FLAGS: u64 = 0o1101;

// open(filename, flags, mode). Observes, as do all here; an open that finds no room in the table of calls is counted.
#[tracepoint]
pub fn sys_enter_open(context: TracePointContext) -> u32 {
    let flags = syscall_argument(&context, 1);
    enter(OpenCall::Open, AT_FDCWD, syscall_argument(&context, 0), flags)
}

// openat(dfd, filename, flags, mode).
#[tracepoint]
pub fn sys_enter_openat(context: TracePointContext) -> u32 {
    let flags = syscall_argument(&context, 2);
    enter(OpenCall::Openat, syscall_argument(&context, 0) as i32, syscall_argument(&context, 1), flags)
}

// openat2(dfd, filename, how, size).
#[tracepoint]
pub fn sys_enter_openat2(context: TracePointContext) -> u32 {
    let how = syscall_argument(&context, 2);
    enter(OpenCall::Openat2, syscall_argument(&context, 0) as i32, syscall_argument(&context, 1), how)
}

// creat(pathname, mode).
#[tracepoint]
pub fn sys_enter_creat(context: TracePointContext) -> u32 {
    enter(OpenCall::Creat, AT_FDCWD, syscall_argument(&context, 0), CREAT_FLAGS)
}

#[inline(always)]
fn enter(call: OpenCall, descriptor: i32, path: u64, flags: u64) -> u32 {
    if current_tag().is_none() {
        return 0;
    }
    let call = Call { path, flags, descriptor, kind: call as u16, pad: 0 };
    if CALLS.insert(current_task(), call, 0).is_err() {
        lost(Kind::Open, LossReason::CallsFull);
    }
    0
}

// Of all four.
#[tracepoint]
pub fn sys_exit_open(context: TracePointContext) -> u32 {
    let _ = try_exit(syscall_argument(&context, 0) as i64);
    0
}

#[inline(always)]
fn try_exit(result: i64) -> Option<()> {
    let task = current_task();
    // SAFETY: the entry is copied, and is this task's own.
    let mut call = *unsafe { CALLS.get(task) }?;
    let _ = CALLS.remove(task);
    let tag = current_tag()?;
    // SAFETY: the scratch is this processor's own.
    let scratch = unsafe { &mut *SCRATCH.get_ptr_mut(0)? };
    if call.kind == OpenCall::Openat2 as u16 {
        // SAFETY: the helper checks the address.
        call.flags = unsafe { bpf_probe_read_user(call.flags as *const u64) }.unwrap_or(0);
    }
    let path = user_text(scratch, HEAD, call.path);
    let mut marks = 0;
    let from = if scratch.body[HEAD] == b'/' { None } else { walk::directory(call.descriptor) };
    let directory = walk_into(scratch, HEAD + path, from, &mut marks);
    let head = OpenHead {
        flags: call.flags as u32,
        result: if result < 0 { result as i32 } else { 0 },
        call: call.kind,
        path: path as u16,
        directory: directory as u16,
        marks,
    };
    scratch.write_head(head);
    report_scratch(scratch, Kind::Open, &tag, task, HEAD + path + directory);
    None
}
