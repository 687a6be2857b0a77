//! What really ran, and what was to run and did not. Arguments are counted and never read.

use aya_ebpf::{
    helpers::generated::{bpf_probe_read_kernel_str, bpf_probe_read_user_str},
    macros::{btf_tracepoint, tracepoint},
    programs::{BtfTracePointContext, TracePointContext},
};
use phantom_common::{ExecCall, ExecHead, Kind, Origin, PATH_MAX, Tag, mark, ticks};
use phantom_policy::{is_valid, may_replace};

use crate::{
    cgroup,
    emit::{Scratch, report, report_scratch},
    environment::{Claim, claim},
    kernel::{Structure, Typed, offset, own_pid, start_of, tgid_of},
    maps::{SCRATCH, SETTINGS},
    registers::{Registers, number},
    subject::{current_address, syscall_result, tag_of},
    walk::{self, AT_FDCWD, Place},
};

const HEAD: usize = size_of::<ExecHead>();
const AT_EMPTY_PATH: u64 = 0x1000;

// Of execve and execveat: reached with the caller's registers only by those that failed. Observes.
#[tracepoint]
pub fn sys_exit_execve(context: TracePointContext) -> u32 {
    let result = syscall_result(&context);
    if result < 0 {
        let _ = try_failed(result);
    }
    0
}

/// execve(filename, argv, envp) or execveat(fd, filename, argv, envp, flags).
#[inline(always)]
fn try_failed(result: i64) -> Option<()> {
    let task = current_address();
    let tag = tag_of(task)?;
    let registers = Registers::of(Typed::current());
    let first = registers.argument::<0>();
    let (call, descriptor, path) = match registers.number() {
        number::EXECVEAT if registers.argument::<4>() & AT_EMPTY_PATH != 0 => {
            (ExecCall::Fexecve, first as i32, registers.argument::<1>())
        }
        number::EXECVEAT => (ExecCall::Execveat, first as i32, registers.argument::<1>()),
        _ => (ExecCall::Execve, AT_FDCWD, first),
    };
    // SAFETY: the scratch is this processor's own.
    let scratch = unsafe { &mut *SCRATCH.get_ptr_mut(0)? };
    let path = user_text(scratch, HEAD, path);
    let mut marks = 0;
    let from = if is_absolute(scratch) { None } else { walk::directory(descriptor) };
    let directory = walk_into(HEAD + path, from, &mut marks);
    let head = ExecHead {
        argc: 0,
        result: result as i32,
        call: call as u16,
        path: path as u16,
        interpreter: 0,
        directory: directory as u16,
        marks,
        pad: [0; 3],
    };
    scratch.write_head(head);
    report_scratch(scratch, Kind::Exec, &tag, task, HEAD + path + directory);
    None
}

// TP_PROTO(struct task_struct *p, pid_t old_pid, struct linux_binprm *bprm), Linux 3.4 to 6.18. The thread that runs has
// become its group's leader. Observes; seeds the trace that an environment claims or a cgroup gives.
#[btf_tracepoint(function = "sched_process_exec")]
pub fn sched_process_exec(context: BtfTracePointContext) -> i32 {
    let _ = try_exec(Typed::argument(&context, 0), Typed::argument(&context, 2));
    0
}

#[inline(always)]
fn try_exec(task: Typed, program: Typed) -> Option<()> {
    let tag = seed(task)?;
    // SAFETY: the scratch is this processor's own.
    let scratch = unsafe { &mut *SCRATCH.get_ptr_mut(0)? };
    let name: u64 = program.read(offset!(binprm_filename))?;
    let interpreter: u64 = program.read(offset!(binprm_interp))?;
    let mut marks = if is_32_bit(program) { mark::BITS_32 } else { 0 };

    let mut path = kernel_text(scratch, HEAD, name);
    let by_descriptor = program.read::<u64>(offset!(binprm_fdpath))? != 0;
    let call = exec_call(by_descriptor, scratch);
    let from = if by_descriptor && interpreter == name {
        // The descriptor may be gone already, but what was loaded from it is at hand: its own path in full.
        path = 0;
        walk::place(program.read::<u64>(offset!(binprm_file))? + u64::from(offset!(file_path)))
    } else if is_absolute(scratch) {
        None
    } else {
        walk::directory(AT_FDCWD)
    };
    let after = if interpreter == name { 0 } else { kernel_text(scratch, HEAD + path, interpreter) };
    let directory = walk_into(HEAD + path + after, from, &mut marks);
    let head = ExecHead {
        argc: program.read(offset!(binprm_argc))?,
        result: 0,
        call: call as u16,
        path: path as u16,
        interpreter: after as u16,
        directory: directory as u16,
        marks,
        pad: [0; 3],
    };
    scratch.write_head(head);
    report_scratch(scratch, Kind::Exec, &tag, task, HEAD + path + after + directory);
    None
}

/// The process's tag: the one it has, unless that is weak and its cgroup or its environment gives a better one.
#[inline(always)]
fn seed(task: Typed) -> Option<Tag> {
    let tgid = tgid_of(task)?;
    let old = tag_of(task);
    let origin = old.map_or(Origin::None, |tag| Origin::from_number(tag.origin));
    if is_valid(origin) || matches!(origin, Origin::CgroupDefault) {
        return old;
    }
    if let Some(tag) = cgroup::default_tag(task) {
        return Some(enrol(tgid, task, tag));
    }
    if SETTINGS.get(0).is_none_or(|settings| settings.claims == 0) {
        return old;
    }
    match claim(task) {
        Some(Claim::Trace(trace)) if may_replace(Origin::Claimed, origin) => {
            Some(enrol(tgid, task, own_tag(task, trace, Origin::Claimed)?))
        }
        Some(Claim::Beyond) if old.is_none() => {
            report(Kind::Environment, &own_tag(task, [0; 16], Origin::Unread)?, task, ());
            None
        }
        _ => old,
    }
}

#[inline(always)]
fn own_tag(task: Typed, trace: [u8; 16], origin: Origin) -> Option<Tag> {
    let seen = own_pid(task)?;
    let (ns_tgid, pid_ns) = (seen.number, seen.inode);
    Some(Tag { start: ticks(start_of(task)?), trace, ns_tgid, pid_ns, origin: origin as u8, pad: [0; 7] })
}

#[inline(always)]
fn enrol(tgid: u32, task: Typed, tag: Tag) -> Tag {
    cgroup::insert(tgid, &tag);
    cgroup::enrolled(&tag, task);
    tag
}

#[inline(always)]
fn is_32_bit(program: Typed) -> bool {
    const EI_CLASS: u32 = 4;
    const ELFCLASS32: u8 = 1;
    program.read(offset!(binprm_buf) + EI_CLASS) == Some(ELFCLASS32)
}

#[inline(always)]
pub fn is_absolute(scratch: &Scratch) -> bool {
    scratch.body[HEAD] == b'/'
}

/// Where a program is named by a descriptor, the kernel has written `/dev/fd/3` for it, or `/dev/fd/3/name` for one in that directory. An
/// execveat that needs no directory is an execve to the kernel, and to us.
#[inline(always)]
fn exec_call(by_descriptor: bool, scratch: &Scratch) -> ExecCall {
    const DIGITS_FROM: usize = HEAD + 8;
    const DIGITS_MAX: usize = 10;
    if !by_descriptor {
        return ExecCall::Execve;
    }
    // What an earlier path left behind the zero is none of this one's.
    let ends = |byte: &&u8| matches!(**byte, 0 | b'/');
    let is_whole = scratch.body[DIGITS_FROM..][..=DIGITS_MAX].iter().find(ends) != Some(&b'/');
    if is_whole { ExecCall::Fexecve } else { ExecCall::Execveat }
}

/// Writes the directory, if there is one to write, and returns its length.
#[inline(always)]
pub fn walk_into(at: usize, from: Option<Place>, marks: &mut u16) -> usize {
    let Some(from) = from else { return 0 };
    let Some(walked) = walk::walk(at, from) else { return 0 };
    *marks |= mark::DIRECTORY;
    if walked.truncated {
        *marks |= mark::CUT;
    }
    walked.bytes
}

const TEXT_MASK: usize = PATH_MAX - 1;

/// Copies text that ends in a zero out of the kernel's memory, and returns its length without the zero.
#[inline(always)]
pub fn kernel_text(scratch: &mut Scratch, at: usize, from: u64) -> usize {
    // SAFETY: the callers leave PATH_MAX bytes behind `at`, and the helper checks the address.
    let length = unsafe {
        let to = (&raw mut scratch.body).cast::<u8>().add(at);
        bpf_probe_read_kernel_str(to.cast(), PATH_MAX as u32, from as *const _)
    };
    if length < 1 { 0 } else { (length - 1) as usize & TEXT_MASK }
}

/// Likewise out of the caller's memory.
#[inline(always)]
pub fn user_text(scratch: &mut Scratch, at: usize, from: u64) -> usize {
    // SAFETY: as above.
    let length = unsafe {
        let to = (&raw mut scratch.body).cast::<u8>().add(at);
        bpf_probe_read_user_str(to.cast(), PATH_MAX as u32, from as *const _)
    };
    if length < 1 { 0 } else { (length - 1) as usize & TEXT_MASK }
}
